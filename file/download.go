package file

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/b24go/b24"
	"github.com/b24go/b24/internal/door"
)

// Attached is a file in a field of crm.item.*. The fields of crm.deal.get and its kin have links for
// browsers only: read the record with crm.item.get. The urlMachine of catalog.product.* is not
// signed: it is a call of catalog.product.download, which [Download] refuses to make.
type Attached struct {
	// ID is the id of the file, for [Keep].
	ID b24.ID `json:"id"`
	// Link is for [Download].
	Link b24.FileURL `json:"urlMachine"`
}

// Info describes a downloaded file.
type Info struct {
	// Name is the name that the portal gives the file, made safe as the name of a file on any system:
	// no path, no control characters, at most 255 bytes. Empty if it gives none.
	Name string
	// Size is the number of bytes: those that [Download] wrote, also on an error; those that [Body]
	// will have, or -1 if that is unknown.
	Size int64
	// ContentType is the type that the portal names; it may be wrong.
	ContentType string
}

// Download writes the file at link to w. If it returns nil, w got the whole file; on an error it got
// the first Info.Size bytes, or nothing if the answer was not a file.
//
// A connection that breaks is resumed where it broke, as often as bytes come; up to the MaxAttempts
// of [b24.RetryPolicy] without any. The bytes around the break are compared, so that a file that was
// replaced in between is an error that matches [ErrChanged].
//
// A link of the portal is asked for with the portal's key only if it is one that the portal signed
// and that needs the key. Links to methods of the portal, to pages for browsers and to hosts in
// private networks are refused: see [b24.ErrFileURL] and [WithFileHosts]. Up to 5 redirects over
// https are followed, without the key.
//
// An error that the portal returned is a [*b24.Error], and a page or an answer that broke is a
// [*b24.TransportError]. If the link has expired, see [WithRenew].
func Download(ctx context.Context, c b24.Client, link b24.FileURL, w io.Writer, opts ...DownloadOption) (Info, error) {
	d, err := open(ctx, c, link, opts)
	if err != nil {
		return Info{}, err
	}
	err = d.writeTo(w)
	d.close(err)
	d.info.Size = d.got
	return d.info, err
}

// writeTo writes the rest of the file.
func (d *download) writeTo(w io.Writer) error {
	const piece = 64 << 10
	buf := make([]byte, piece)
	for {
		n, err := d.Read(buf)
		if n > 0 {
			written, failed := w.Write(buf[:n])
			if failed == nil && written < n {
				failed = io.ErrShortWrite
			}
			if failed != nil {
				d.got -= int64(n - max(0, min(written, n)))
				return d.t.Fail(door.Failure{Step: "write", Err: failed, Final: true})
			}
		}
		if err == io.EOF { //nolint:errorlint // Read returns it as it is
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Open asks for the file at link and returns its body, to be read and closed. It is [Download] for
// those who read. The file is whole only if Read ended with io.EOF.
func Open(ctx context.Context, c b24.Client, link b24.FileURL, opts ...DownloadOption) (*Body, error) {
	d, err := open(ctx, c, link, opts)
	if err != nil {
		return nil, err
	}
	return &Body{func() *download { return d }}, nil
}

// Body is a file that is downloaded while it is read. It is for one goroutine; end the context of
// [Open] to interrupt a Read from another one.
type Body struct {
	d func() *download // a closure, which a dump does not follow: net/http keeps the link in its buffers
}

// Read reads the file. io.EOF means that the file was complete.
func (b *Body) Read(p []byte) (int, error) { return b.d().Read(p) }

// Close ends the download. A second Close does nothing.
func (b *Body) Close() error {
	b.d().close(nil)
	return nil
}

// Info describes the file.
func (b *Body) Info() Info { return b.d().info }

// String returns the name of the file.
func (b *Body) String() string { return fmt.Sprintf("file.Body(%q)", b.Info().Name) }

// Format writes what [Body.String] returns, for every verb.
func (b *Body) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, b.String()) }

// LogValue returns what [Body.String] returns.
func (b *Body) LogValue() slog.Value { return slog.StringValue(b.String()) }
