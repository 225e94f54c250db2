package file

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/b24go/b24"
	"github.com/b24go/b24/internal/door"
)

// download is a file while it is read.
//
// A portal sends no ETag with its files, and a storage behind it may ignore ranges (file.php,
// ViewByUser). So what came is compared: a range begins a little before the break, and a whole file
// that comes in place of a range is skipped up to the break by its hash.
type download struct {
	ctx  context.Context // of the download, which the body is a part of
	t    door.Transfer
	o    *options
	link b24.FileURL
	info Info

	s       *door.Stream // nil: the connection broke
	got     int64        // bytes handed out
	total   int64        // -1: unknown
	etag    string
	plain   bool   // ranges can be asked for
	tail    []byte // the last bytes handed out
	hash    maphash.Hash
	broken  error // why the connection broke
	err     error // the end
	renewed bool  // and no byte came since

	once sync.Once
}

var errClosed = errors.New("b24: download: the body is closed")

// overlap is how many bytes before a break are asked for again.
const overlap = 1 << 10

// open begins a download.
func open(ctx context.Context, c b24.Client, link b24.FileURL, opts []DownloadOption) (*download, error) {
	o, err := downloadOptions(opts)
	if err != nil {
		return nil, err
	}
	transfers, err := transfersOf(nameDownload, c)
	if err != nil {
		return nil, err
	}
	d := &download{o: o, link: link, total: -1}
	d.ctx, d.t = transfers.Begin(ctx, nameDownload)
	if err := d.connect(); err != nil {
		d.close(err)
		return nil, err
	}
	return d, nil
}

// close ends the download, for the reason err; nil if the reader gave up or is done.
func (d *download) close(err error) {
	d.once.Do(func() {
		if d.s != nil {
			_ = d.s.Body.Close()
		}
		if err == nil && d.err != nil && d.err != io.EOF { //nolint:errorlint // readers return it as it is
			err = d.err
		}
		d.t.End(d.ctx, err)
		if d.err == nil {
			d.err = errClosed
		}
	})
}

// fail ends the download with an error of this package.
func (d *download) fail(step string, err error) error {
	return d.t.Fail(door.Failure{Step: step, Err: err, Final: true})
}

// connect asks for the file, or for the rest of it.
func (d *download) connect() error {
	for {
		s, err := d.t.Get(d.ctx, d.request())
		if err == nil {
			if err = d.accept(s); err == nil {
				d.s = s
				return nil
			}
			_ = s.Body.Close()
		}
		if err = d.mend(err); err != nil {
			return err
		}
	}
}

func (d *download) request() door.Get {
	g := door.Get{Limits: d.o.Limits, Link: d.link.Reveal()}
	if d.plain {
		g.From = d.got - int64(len(d.tail))
	}
	if strings.HasPrefix(d.etag, `"`) { // a weak one does not promise the same bytes
		g.IfRange = d.etag
	}
	return g
}

// mend waits until the file can be asked for again after err, or returns the final error.
func (d *download) mend(err error) error {
	if d.o.renew == nil || d.renewed || d.ctx.Err() != nil || !dead(err) {
		return d.t.Again(d.ctx, err)
	}
	link, failed := d.o.renew(d.ctx)
	switch {
	case failed != nil:
		return d.fail("renew the link", failed)
	case link.IsZero():
		return d.fail("renew the link", errors.New("there is no new one"))
	}
	d.link, d.renewed = link, true
	return nil
}

// dead reports whether an error can mean that the link has expired.
func dead(err error) bool {
	status := 0
	if e, ok := errors.AsType[*b24.Error](err); ok {
		status = e.Status
	} else if e, ok := errors.AsType[*b24.TransportError](err); ok {
		status = e.Status
	}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return true
	default:
		return expired(err)
	}
}
