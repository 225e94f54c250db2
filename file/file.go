package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// File is a file to send. It is used once, because its Body is read once.
type File struct {
	// Name is the name that the file gets: up to 255 bytes, without / and \.
	Name string
	// Size is the number of bytes that Body has; any other number is an error. 0 and -1 mean that it
	// is unknown: an [os.File], a [bytes.Reader] and the like are asked for it. An empty file is an
	// error, because portals save none and report success.
	Size int64
	// Body is read to its end, and not closed.
	Body io.Reader
}

// Reasons for which a file is not sent, or is not what it should be.
var (
	// ErrEmpty is matched by an error for a file without bytes. Nothing was sent.
	ErrEmpty = errors.New("the file is empty")
	// ErrSize is matched if a file has another size than announced, in either direction.
	ErrSize = errors.New("the size is wrong")
	// ErrTooLarge is matched if a file is larger than allowed.
	ErrTooLarge = errors.New("the file is too large")
	// ErrChanged is matched if a file was replaced on the portal while it was downloaded.
	ErrChanged = errors.New("the file changed during the download")
	// ErrNotStored is matched by [Write] if the record does not have the files after the write.
	ErrNotStored = errors.New("the portal did not store the files")
)

// longestName is the maximum length of a name, in bytes.
const longestName = 255

// badName returns what is wrong with a name; empty: nothing.
func badName(name string) string {
	switch {
	case strings.TrimSpace(name) == "":
		return "it is empty"
	case len(name) > longestName:
		return fmt.Sprintf("it is longer than %d bytes", longestName)
	case !utf8.ValidString(name):
		return "it is not valid UTF-8"
	case name == "." || name == "..", strings.ContainsAny(name, `/\`):
		return "it must be a name, not a path: use filepath.Base"
	case strings.ContainsFunc(name, unicode.IsControl):
		return "it contains a control character"
	default:
		return ""
	}
}

// measure returns the size of the file, or -1 if it is unknown.
func (f File) measure() (int64, error) {
	if f.Body == nil {
		return 0, ErrEmpty
	}
	size, known := lengthOf(f.Body)
	switch {
	case !known && f.Size <= 0:
		return -1, nil
	case !known:
		return f.Size, nil
	case f.Size > 0 && f.Size != size:
		return 0, fmt.Errorf("%w: the body has %d bytes, and Size is %d", ErrSize, size, f.Size)
	case size == 0:
		return 0, ErrEmpty
	default:
		return size, nil
	}
}

// lengthOf returns how many bytes a reader still has, if it can tell.
func lengthOf(r io.Reader) (int64, bool) {
	if r, ok := r.(interface{ Len() int }); ok {
		return int64(r.Len()), true
	}
	if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
			return 0, false // a pipe cannot be sought, whatever it says
		}
	}
	s, ok := r.(io.Seeker)
	if !ok {
		return 0, false
	}
	at, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, false
	}
	end, err := s.Seek(0, io.SeekEnd)
	if _, back := s.Seek(at, io.SeekStart); err != nil || back != nil {
		return 0, false
	}
	return max(0, end-at), true
}

// exact reads a body and makes any other size than the announced one an error. The error comes in
// place of the last bytes, so that nothing with a wrong size is ever complete.
type exact struct {
	from io.Reader
	left int64
	size int64
	tell func(done int64) // may be nil
}

// Read implements io.Reader.
func (e *exact) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.from.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	switch {
	case err == io.EOF && e.left > 0:
		return 0, fmt.Errorf("%w: it ended after %d of %d bytes", ErrSize, e.size-e.left, e.size)
	case err != nil && err != io.EOF:
		return n, err
	case e.left == 0:
		if longer(e.from) {
			return 0, fmt.Errorf("%w: it has more than %d bytes", ErrSize, e.size)
		}
	}
	if n > 0 && e.tell != nil {
		e.tell(e.size - e.left)
	}
	return n, nil
}

// longer reports whether a reader has another byte.
func longer(r io.Reader) bool {
	var one [1]byte
	for range 100 { // as bufio: a reader must not return nothing for ever
		if n, err := r.Read(one[:]); n > 0 || err != nil {
			return n > 0
		}
	}
	return false
}

// spoolMemory is how much of a file of unknown size is held in memory. More goes to a temporary
// file: web servers in front of PHP want the length of a body before the body.
const spoolMemory = 1 << 20

// content is what is sent of a file: its size is known.
type content struct {
	body   io.Reader
	size   int64
	again  func() error // begins anew; nil: it cannot
	remove func()
}

// open returns the content of a file.
func (f File) open(ctx context.Context) (*content, error) {
	size, err := f.measure()
	if err != nil {
		return nil, err
	}
	if size < 0 {
		return spool(ctx, f.Body)
	}
	c := &content{body: f.Body, size: size, remove: func() {}}
	if s, ok := f.Body.(io.Seeker); ok {
		if at, err := s.Seek(0, io.SeekCurrent); err == nil {
			c.again = func() error { _, err := s.Seek(at, io.SeekStart); return err }
		}
	}
	return c, nil
}

// spool reads a body of unknown size.
func spool(ctx context.Context, body io.Reader) (*content, error) {
	body = obeying{ctx, body}
	start, err := io.ReadAll(io.LimitReader(body, spoolMemory))
	if err != nil {
		return nil, err
	}
	if len(start) == 0 {
		return nil, ErrEmpty
	}
	if len(start) < spoolMemory {
		return seekable(strings.NewReader(string(start)), func() {}), nil
	}
	f, err := os.CreateTemp("", "b24-upload-")
	if err != nil {
		return nil, err
	}
	remove := func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	if _, err = f.Write(start); err == nil {
		_, err = io.Copy(struct{ io.Writer }{f}, body)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		remove()
		return nil, err
	}
	return seekable(f, remove), nil
}

func seekable(r io.ReadSeeker, remove func()) *content {
	size, _ := lengthOf(r)
	return &content{body: r, size: size, remove: remove, again: func() error { _, err := r.Seek(0, io.SeekStart); return err }}
}

// obeying is a reader that ends with a context, between two reads.
type obeying struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (o obeying) Read(p []byte) (int, error) {
	if err := context.Cause(o.ctx); err != nil {
		return 0, err
	}
	return o.r.Read(p)
}
