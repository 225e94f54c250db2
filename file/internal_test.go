package file

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNamesOfDownloads(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		`attachment; filename="report.pdf"`:                         "report.pdf",
		`attachment; filename="A.pdf"; filename*=utf-8''%D0%90.pdf`: "А.pdf",
		`attachment; filename*=UTF-8''a%20b.pdf`:                    "a b.pdf",
		`attachment; filename=plain.txt`:                            "plain.txt",
		`attachment; filename="../../etc/passwd"`:                   "passwd",
		`attachment; filename="C:\\Windows\\x.exe"`:                 "x.exe",
		`attachment; filename*=utf-8''..%2F..%2Fetc%2Fpasswd`:       "passwd",
		`attachment; filename=".."`:                                 "",
		`attachment; filename="..."`:                                "",
		`attachment; filename="a` + "\x00\x1b" + `b.txt"`:           "ab.txt",
		`attachment; filename*=utf-8''a%0D%0Ab.txt`:                 "ab.txt",
		`attachment; filename*=utf-8''x%E2%80%AEfdp.exe`:            "xfdp.exe", // turns the text around
		`attachment; filename="a:b|c?.txt"`:                         "a_b_c_.txt",
		`attachment; filename="end. . "`:                            "end",
		`attachment; filename=two words.txt; x=1`:                   "two words.txt",
		`attachment`: "", ``: "", `;;;`: "",
		`attachment; filename="` + strings.Repeat("я", 200) + `.tar"`: strings.Repeat("я", 125) + ".tar",
	} {
		assert.Equal(t, want, nameIn(header), header)
	}
}

// Whatever a header says, the name is one part of a path, and can be printed.
func FuzzName(f *testing.F) {
	for _, header := range []string{`attachment; filename="a/b"`, `attachment; filename*=utf-8''%2e%2e%2f`, `inline; filename="\\..\\x"`, "filename=\xff", `attachment; filename="..` + "\u202e" + `"`} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		name := nameIn(header)
		if name == "" {
			return
		}
		if !utf8.ValidString(name) || len(name) > longestName || strings.ContainsAny(name, `/\:`) || strings.Trim(name, ".") == "" || strings.ContainsFunc(name, unicode.IsControl) {
			t.Errorf("%q", name)
		}
		if badName(name) != "" {
			t.Errorf("%q could not be uploaded again: %s", name, badName(name))
		}
	})
}

// Every name that is accepted arrives as it is, and the form has the announced size.
func FuzzForm(f *testing.F) {
	f.Add("file", "a.txt", []byte("content"))
	f.Add("file", `a"b;c=d.txt`, []byte("\r\n--b24-"))
	f.Add("f[0]", "отчёт.pdf", []byte("--"))
	f.Fuzz(func(t *testing.T, field, name string, content []byte) {
		if badName(name) != "" || !plainField(field) {
			return
		}
		form := newForm(field, name, bytes.NewReader(content), int64(len(content)))
		body, err := io.ReadAll(form.body)
		require.NoError(t, err)
		require.Len(t, body, int(form.size))
		_, params, err := mime.ParseMediaType(form.contentType)
		require.NoError(t, err)
		r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
		part, err := r.NextPart()
		require.NoError(t, err)
		got, err := io.ReadAll(part)
		require.NoError(t, err)
		require.True(t, bytes.Equal(content, got))
		require.Equal(t, field, part.FormName())
		require.Equal(t, name, part.FileName())
		_, err = r.NextPart()
		require.Equal(t, io.EOF, err)
	})
}
