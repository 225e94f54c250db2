package file

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"

	"github.com/b24go/b24/internal/door"
)

// accept checks an answer, and brings it to the place where reading goes on.
func (d *download) accept(s *door.Stream) error {
	if d.got == 0 && len(d.tail) == 0 {
		return d.first(s)
	}
	whole := s.Length
	if s.Partial {
		whole = s.Total
	}
	if whole >= 0 && d.total >= 0 && whole != d.total {
		return d.fail("resume", fmt.Errorf("%w: it had %d bytes and has %d", ErrChanged, d.total, whole))
	}
	if !s.Partial {
		return d.skip(s)
	}
	if s.From != d.got-int64(len(d.tail)) {
		return d.fail("resume", errors.New("the portal sent another part of the file than the one asked for"))
	}
	again := make([]byte, len(d.tail))
	if _, err := io.ReadFull(s.Body, again); err != nil {
		return d.short(err)
	}
	if !bytes.Equal(again, d.tail) {
		return d.fail("resume", ErrChanged)
	}
	return nil
}

// first takes over what the first answer says of the file.
func (d *download) first(s *door.Stream) error {
	if want := d.o.size; want >= 0 && s.Length >= 0 && s.Length != want {
		return d.fail("size", fmt.Errorf("%w: the file has %d bytes, and %d are expected", ErrSize, s.Length, want))
	}
	if s.Length > d.o.most {
		return d.fail("size", d.tooLarge())
	}
	d.total, d.etag, d.plain = s.Length, s.ETag, s.Plain
	if d.total < 0 {
		d.total = d.o.size
	}
	d.info = Info{Name: nameIn(s.Disposition), Size: d.total, ContentType: clean(s.ContentType)}
	return nil
}

// skip reads a whole file up to the place of the break.
func (d *download) skip(s *door.Stream) error {
	var sum maphash.Hash
	sum.SetSeed(d.hash.Seed())
	n, err := io.CopyN(&sum, s.Body, d.got)
	switch {
	case err == io.EOF: //nolint:errorlint // CopyN returns it as it is
		return d.fail("resume", fmt.Errorf("%w: it ends after %d bytes", ErrChanged, n))
	case err != nil:
		return d.short(err)
	case sum.Sum64() != d.hash.Sum64():
		return d.fail("resume", ErrChanged)
	default:
		return nil
	}
}

// short returns an error of reading, in which the end of the body is a break.
func (d *download) short(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF { //nolint:errorlint // io returns them as they are
		return d.t.Fail(door.Failure{Step: "read", Err: io.ErrUnexpectedEOF})
	}
	return err
}

func (d *download) tooLarge() error {
	return fmt.Errorf("%w: more than %d bytes; see file.WithMaxSize", ErrTooLarge, d.o.most)
}

// Read implements io.Reader.
func (d *download) Read(p []byte) (int, error) {
	if len(p) == 0 || d.err != nil {
		return 0, d.err
	}
	for {
		if d.broken != nil {
			if d.err = d.resume(); d.err != nil {
				return 0, d.err
			}
		}
		n, err := d.s.Body.Read(p)
		if n > 0 {
			if d.err = d.take(p[:n]); d.err != nil {
				return 0, d.err
			}
		}
		d.judge(err)
		if n > 0 {
			return n, nil
		}
		if d.err != nil {
			return 0, d.err
		}
	}
}

// take notes bytes that are handed out.
func (d *download) take(b []byte) error {
	n := int64(len(b))
	switch {
	case d.got+n > d.o.most:
		return d.fail("size", d.tooLarge())
	case d.total >= 0 && d.got+n > d.total:
		return d.fail("size", fmt.Errorf("%w: the file has more than %d bytes", ErrSize, d.total))
	}
	d.got += n
	_, _ = d.hash.Write(b)
	if len(b) >= overlap {
		d.tail = append(d.tail[:0], b[len(b)-overlap:]...)
	} else {
		d.tail = append(d.tail, b...)
		d.tail = append(d.tail[:0], d.tail[max(0, len(d.tail)-overlap):]...)
	}
	d.renewed = false
	d.t.Advanced()
	if d.o.progress != nil {
		d.o.progress(Progress{d.got, d.total})
	}
	return nil
}

// judge decides what the end of a body means: the end of the file, or a break.
func (d *download) judge(err error) {
	switch {
	case err == nil:
	case err != io.EOF: //nolint:errorlint // readers return it as it is
		d.broken = err
	case d.total >= 0 && d.got == d.total:
		d.err = io.EOF
	case d.total >= 0 && d.s.Sealed:
		d.err = d.fail("size", fmt.Errorf("%w: the file ended after %d of %d bytes", ErrSize, d.got, d.total))
	case d.total >= 0:
		d.broken = d.t.Fail(door.Failure{Step: "read", Err: io.ErrUnexpectedEOF})
	case d.s.Sealed:
		d.err = io.EOF
	default:
		d.err = d.fail("read", errors.New("the portal does not say where the file ends, so that it may be cut: pass file.WithSize"))
	}
}

// resume continues after a break.
func (d *download) resume() error {
	_ = d.s.Body.Close()
	err := d.broken
	d.broken = nil
	if err := d.mend(err); err != nil {
		return err
	}
	return d.connect()
}
