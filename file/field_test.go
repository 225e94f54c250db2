package file_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/file"
)

func text(name, content string) file.File {
	return file.File{Name: name, Body: strings.NewReader(content)}
}

func TestForms(t *testing.T) {
	t.Parallel()
	for want, field := range map[string]any{
		`["a.txt","YWJj"]`:                                      file.Pair(text("a.txt", "abc")),
		`["<&>.txt","YWI="]`:                                    file.Pair(text("<&>.txt", "ab")),
		`[["a","YQ=="]]`:                                        file.Pairs(text("a", "a")),
		`[["a","YQ=="],["b","Yg=="]]`:                           file.Pairs(text("a", "a"), text("b", "b")),
		`{"fileData":["a","YQ=="]}`:                             file.Data(text("a", "a")),
		`[{"fileData":["a","YQ=="]}]`:                           file.Data(text("a", "a")).AsList(),
		`[{"fileData":["a","YQ=="]},{"fileData":["b","Yg=="]}]`: file.Data(text("a", "a"), text("b", "b")),
		`[{"value":{"fileData":["a","YQ=="]}}]`:                 file.Value(text("a", "a")),
		`"YQ=="`:                                                file.Base64(text("", "a")),
		`[{"id":5},{"id":7},["a","YQ=="]]`:                      file.Keep("5", "7").Add(text("a", "a")),
		`[{"id":5}]`:                                            file.Keep("5"),
		`["n9011","n9012"]`:                                     file.Drive("9011", "9012"),
		`["5","n9011"]`:                                         file.Drive("9011").Keep("5"),
		`["n1"]`:                                                file.Drive("1").Keep(),
		`["c","+/8="]`:                                          file.Pair(text("c", "\xfb\xff")),
		`null`:                                                  (*file.Field)(nil),
	} {
		got, err := json.Marshal(map[string]any{"f": field})
		require.NoError(t, err, want)
		assert.JSONEq(t, `{"f":`+want+`}`, string(got))
	}
}

// What a portal gets is the same however the body comes in pieces.
func TestEncodingIsTheSameInPieces(t *testing.T) {
	t.Parallel()
	for n := range 200 {
		content := noise(n + 1)
		for _, r := range []io.Reader{bytes.NewReader(content), iotest.OneByteReader(bytes.NewReader(content)), iotest.DataErrReader(bytes.NewReader(content)), iotest.HalfReader(bytes.NewReader(content))} {
			got, err := json.Marshal(file.Base64(file.File{Body: r}))
			require.NoError(t, err)
			require.Equal(t, `"`+base64.StdEncoding.EncodeToString(content)+`"`, string(got))
		}
	}
}

func TestFieldsThatAreRefused(t *testing.T) {
	t.Parallel()
	p := newPortal(func(*http.Request, int) *answer { return jsonReply(200, `{"result":true}`) })
	h := p.hook(t)
	used := file.Pair(text("a", "a"))
	_, err := h.CallMethod(t.Context(), "crm.item.add", b24.Params{"f": used})
	require.NoError(t, err)
	broken := errors.New("torn")
	for name, row := range map[string]struct {
		field any
		want  error
		says  string
	}{
		"used":          {used, nil, "encoded before"},
		"no name":       {file.Pair(text("", "a")), nil, "empty"},
		"a path":        {file.Pair(text("../a", "a")), nil, "filepath.Base"},
		"empty":         {file.Pair(text("a", "")), file.ErrEmpty, "a"},
		"nil body":      {file.Pair(file.File{Name: "a"}), file.ErrEmpty, "a"},
		"empty, plain":  {file.Pair(file.File{Name: "a", Body: plain{strings.NewReader("")}}), file.ErrEmpty, "a"},
		"no files":      {file.Pairs(), nil, "delete"},
		"keep nothing":  {file.Keep(), nil, "delete"},
		"keep no id":    {file.Keep("x"), nil, "id of a file"},
		"keep in data":  {file.Keep("5").AsList(), nil, "AsList"},
		"two in a pair": {file.Pair(text("a", "a")).Add(text("b", "b")), nil, "Pairs"},
		"too large":     {file.Pair(text("a", "abcd")).WithLimit(3), file.ErrTooLarge, "file.Upload"},
		"large, plain":  {file.Pair(file.File{Name: "a", Body: plain{strings.NewReader("abcd")}}).WithLimit(3), file.ErrTooLarge, "file.Upload"},
		"bad limit":     {file.Pair(text("a", "abcd")).WithLimit(0), nil, "limit"},
		"shorter":       {file.Pair(file.File{Name: "a", Size: 3, Body: plain{strings.NewReader("ab")}}), file.ErrSize, ""},
		"longer":        {file.Pair(file.File{Name: "a", Size: 3, Body: plain{strings.NewReader("abcd")}}), file.ErrSize, ""},
		"broken":        {file.Pair(file.File{Name: "a", Body: plain{failing{broken}}}), broken, ""},
		"no drive id":   {file.Drive("n5"), nil, "id of a file"},
		"no drive ids":  {file.Drive(), nil, "detach"},
	} {
		_, err := h.CallMethod(t.Context(), "crm.item.update", b24.Params{"fields": b24.Params{"UF_FILE": row.field}})
		require.ErrorIs(t, err, b24.ErrInvalidParams, name)
		assert.ErrorContains(t, err, "fields.UF_FILE", name)
		assert.ErrorContains(t, err, row.says, name)
		if row.want != nil {
			require.ErrorIs(t, err, row.want, name)
		}
	}
	assert.Len(t, p.requests(), 1)
}

// A batch carries a file as exactly as a call does.
func TestFilesInABatch(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	h, err := b24.FromWebhookURL(p.WebhookURL(), b24.WithHTTPClient(p.HTTPClient()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = h.Close() })
	content := noise(100_000)
	p.Handle("own.file.add", func(r b24test.Request) (any, error) { return r.Params, nil })

	res, err := h.CallBatchByChunk(t.Context(), b24.Commands{{Method: "own.file.add", Params: b24.Params{"f": file.Pair(file.File{Name: "a b&c.bin", Body: bytes.NewReader(content)})}}})

	require.NoError(t, err)
	pair, err := b24.Decode[[]string](res.At(0), "f")
	require.NoError(t, err)
	assert.Equal(t, []string{"a b&c.bin", base64.StdEncoding.EncodeToString(content)}, pair)
}

func TestFieldsShowNamesAndSizes(t *testing.T) {
	t.Parallel()
	f := file.Keep("5").Add(text("a.txt", "content"), file.File{Name: "b", Body: plain{strings.NewReader("content")}}, file.File{Name: "c", Size: 9, Body: plain{strings.NewReader("content")}})
	want := `file.Field(keep 5; "a.txt", 7 bytes; "b", size unknown; "c", 9 bytes)`
	assert.Equal(t, want, fmt.Sprintf("%v", f))
	assert.Equal(t, want, fmt.Sprintf("%#v", f))
	assert.Equal(t, want, f.LogValue().String())
	assert.Equal(t, "file.Field(none)", (*file.Field)(nil).String())
}

func TestSizesThatReadersTell(t *testing.T) {
	t.Parallel()
	f, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	defer f.Close()
	_, _ = f.WriteString("0123456789")
	_, _ = f.Seek(4, io.SeekStart)
	got, err := json.Marshal(file.Base64(file.File{Body: f}))
	require.NoError(t, err)
	assert.Equal(t, `"`+base64.StdEncoding.EncodeToString([]byte("456789"))+`"`, string(got))

	in, out, err := os.Pipe() // which cannot tell
	require.NoError(t, err)
	defer in.Close()
	_, _ = out.WriteString("abc")
	require.NoError(t, out.Close())
	got, err = json.Marshal(file.Base64(file.File{Body: in}))
	require.NoError(t, err)
	assert.Equal(t, `"YWJj"`, string(got))
}
