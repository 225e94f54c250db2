package b24_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

func TestFileURLDecodes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"https://x.bitrix24.com/rest/download.json?token=a%7Cb\u0026c=1"`: "https://x.bitrix24.com/rest/download.json?token=a%7Cb&c=1",
		`"/upload/x.png"`: "/upload/x.png",
		`null`:            "", `""`: "", `false`: "", `[]`: "", `{}`: "",
	} {
		var row struct {
			Link b24.FileURL `json:"DOWNLOAD_URL"`
		}
		require.NoError(t, json.Unmarshal([]byte(`{"DOWNLOAD_URL":`+text+`}`), &row))
		assert.Equal(t, want, row.Link.Reveal(), text)
		assert.Equal(t, want == "", row.Link.IsZero(), text)
	}
	for _, text := range []string{`5`, `true`, `["` + marker + `"]`, `{"url":"` + marker + `"}`, `"***"`} {
		u := b24.NewFileURL("kept")
		err := json.Unmarshal([]byte(text), &u)
		require.Error(t, err, text)
		assert.NotContains(t, err.Error(), marker)
		assert.Equal(t, "kept", u.Reveal())
	}
}

func TestFileURLShowsNothing(t *testing.T) {
	t.Parallel()
	u := b24.NewFileURL(marker)
	row := struct {
		Link b24.FileURL `json:"Link"`
	}{u}
	text, err := json.Marshal(row)
	require.NoError(t, err)
	assert.JSONEq(t, `{"Link":"***"}`, string(text))
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s %q %x", u, u, u, u, u, u), fmt.Sprintf("%v %+v %#v", row, &row, row), u.LogValue().String(), u.String(), u.GoString()} {
		assert.NotContains(t, shown, marker)
		assert.NotContains(t, shown, fmt.Sprintf("%x", marker))
	}
	gob, err := u.GobEncode()
	require.NoError(t, err)
	assert.Equal(t, "***", string(gob))
}

// *** would be stored in place of the link.
func TestFileURLIsNoParameter(t *testing.T) {
	t.Parallel()
	_, h := newPortal(t)
	u := b24.NewFileURL(marker)
	for _, params := range []any{
		b24.Params{"fields": b24.Params{"COMMENTS": u}}, b24.Params{"a": []any{&u}}, b24.Params{"a": []b24.FileURL{u}}, struct{ A struct{ B b24.FileURL } }{},
	} {
		_, err := h.CallMethod(t.Context(), "crm.deal.add", params)
		require.ErrorIs(t, err, b24.ErrInvalidParams)
		assert.ErrorContains(t, err, "FileURL")
	}
}
