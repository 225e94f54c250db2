package file

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"strings"

	"github.com/b24go/b24"
)

// form is a multipart form with one file, whose size is known before it is read.
type form struct {
	body        io.Reader
	size        int64
	contentType string
}

// newForm returns a form whose field is the file that body has, of size bytes. The names are
// checked: see badName and plainField.
func newForm(field, name string, body io.Reader, size int64) form {
	boundary := "b24-" + rand.Text()
	head := "--" + boundary + "\r\n" +
		`Content-Disposition: form-data; name="` + field + `"; filename="` + strings.ReplaceAll(name, `"`, `\"`) + "\"\r\n" +
		"Content-Type: application/octet-stream\r\n\r\n"
	tail := "\r\n--" + boundary + "--\r\n"
	return form{
		body:        io.MultiReader(strings.NewReader(head), body, strings.NewReader(tail)),
		size:        int64(len(head)) + size + int64(len(tail)),
		contentType: "multipart/form-data; boundary=" + boundary,
	}
}

// plainField reports whether the name of a field, which comes from the portal, can be written into
// a header.
func plainField(name string) bool {
	const longest = 100
	return name != "" && len(name) <= longest && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-[]") == ""
}

// decode reads what the portal stored: a file of Drive, or the FILE_ID alone of the record of a
// call.
func decode(raw []byte) (Stored, error) {
	var s Stored
	var record struct {
		ID b24.ID `json:"FILE_ID"`
	}
	if !bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")) {
		return s, nil
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, err
	}
	if s.ID.IsSet() {
		return s, nil
	}
	err := json.Unmarshal(raw, &record)
	s.ID = record.ID
	return s, err
}
