package b24test

import (
	"bytes"
	"mime"
	"path"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// room holds the files of a portal: those of the Drive, of fields and of calls. It belongs to the
// database and is guarded by its lock.
type room struct {
	p        *Portal
	key      []byte // signs links
	age      int    // grows when all links expire
	blobs    map[int]*blob
	last     int // id of a blob
	attached map[int]*attachment
	bindings int               // ids of attachments
	public   map[string]string // external links by the id of the object
}

// blob is a stored file. It is never changed.
type blob struct {
	id      int
	name    string
	kind    string // Content-Type
	content content
	sum     string // SHA-256, if it is known
}

// attachment is a file of the Drive that is attached to a record.
type attachment struct {
	id, object int
	module     string // tasks
	kind       string // tasks_task
	owner      string
	created    string
	by         string
}

// firstBlob is the id before that of the first file: ids of files and of objects on the Drive should
// not be mistaken for each other.
const firstBlob = 1000

func newRoom() *room {
	return &room{
		key: randomBytes(), blobs: map[int]*blob{}, attached: map[int]*attachment{}, public: map[string]string{}, last: firstBlob,
	}
}

// store keeps a content under the next id.
func (r *room) store(name, kind string, c content, sum string) *blob {
	r.last++
	b := &blob{id: r.last, name: name, kind: typeOf(kind, name), content: c, sum: sum}
	r.blobs[b.id] = b
	return b
}

// typeOf returns the type of a file by its name, or as it was declared if the name says nothing.
func typeOf(declared, name string) string {
	if known := mime.TypeByExtension(strings.ToLower(path.Ext(name))); known != "" {
		return known
	}
	if declared == "" || strings.HasPrefix(declared, "multipart/") {
		return "application/octet-stream"
	}
	return declared
}

func (r *room) blob(id any) *blob {
	if r == nil {
		return nil
	}
	return r.blobs[php.Int(id)]
}

// received is a file in the body of a request.
type received struct {
	name, kind string
	sink       *sink
}

// save stores a file that a request holds in base64: as a pair of a name and the content, or as the
// content alone. It is nil if there is none; encoded is true if there was a text that is not base64.
func (r *room) save(v any) (b *blob, encoded bool) {
	name := ""
	if pair, ok := v.(*php.Array); ok {
		values := append(pair.Values(), nil, nil)
		name, v = php.Text(values[0]), values[1] // by position, whatever the keys are
	}
	text := php.Text(v)
	if php.IsArray(v) || text == "" || text == "false" {
		return nil, false
	}
	data := decodeBase64(text)
	if len(data) == 0 {
		return nil, true
	}
	if name == "" {
		name = randomText(nonceSize)
	}
	return r.store(baseName(name), "", bytes.NewReader(data), ""), false
}

// baseName returns the last part of a path.
func baseName(name string) string {
	return name[strings.LastIndexAny(name, `/\`)+1:]
}

// decodeBase64 decodes as PHP does by default: it skips every byte that is not base64, such as that
// of a prefix data:, which makes another file of it.
func decodeBase64(text string) []byte {
	out := make([]byte, 0, len(text)/4*3+3)
	bits, n := 0, 0
	for i := range len(text) {
		v := strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", text[i])
		if v < 0 {
			continue
		}
		bits, n = (bits<<6|v)&0xfff, n+6
		if n >= 8 {
			n -= 8
			out = append(out, byte(bits>>n&0xff))
		}
	}
	return out
}
