package file

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/internal/door"
)

// UploadOption changes an [Upload].
type UploadOption interface{ applyUpload(o *options) error }

// DownloadOption changes a [Download] or an [Open].
type DownloadOption interface{ applyDownload(o *options) error }

// TransferOption changes both.
type TransferOption interface {
	UploadOption
	DownloadOption
}

type uploadOption func(*options) error

func (f uploadOption) applyUpload(o *options) error { return f(o) }

type downloadOption func(*options) error

func (f downloadOption) applyDownload(o *options) error { return f(o) }

type transferOption func(*options) error

func (f transferOption) applyUpload(o *options) error   { return f(o) }
func (f transferOption) applyDownload(o *options) error { return f(o) }

// options are the options of one transfer.
type options struct {
	door.Limits

	progress func(Progress)
	unique   bool
	size     int64 // -1: unknown
	most     int64
	renew    func(context.Context) (b24.FileURL, error)
}

// The defaults. A portal works on a request for up to 60 s before it answers.
const (
	defaultStall = 75 * time.Second
	defaultMost  = 16 << 30
)

func defaults() *options {
	return &options{Limits: door.Limits{Stall: defaultStall}, size: -1, most: defaultMost}
}

// refused is the error for what a caller passes to a transfer. Nothing was sent.
func refused(name, param string, problem error) error {
	return &b24.ParamsError{Method: name, Param: param, Problem: problem.Error(), Err: problem}
}

func uploadOptions(opts []UploadOption) (*options, error) {
	o := defaults()
	var errs []error
	for _, opt := range opts {
		if opt != nil {
			errs = append(errs, opt.applyUpload(o))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, refused(nameUpload, "option", err)
	}
	return o, nil
}

func downloadOptions(opts []DownloadOption) (*options, error) {
	o := defaults()
	var errs []error
	for _, opt := range opts {
		if opt != nil {
			errs = append(errs, opt.applyDownload(o))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, refused(nameDownload, "option", err)
	}
	return o, nil
}

// Progress describes how far a transfer has come, in bytes of the file.
type Progress struct {
	// Done is what was transferred. Total is all, or -1 if it is unknown.
	Done, Total int64
}

// WithProgress calls f each time that a piece of the file was sent or received, up to thousands of
// times a second. The calls come one after the other: those of a download in the caller's goroutine,
// those of an upload in another one. An upload that begins anew counts from 0.
func WithProgress(f func(Progress)) TransferOption {
	return transferOption(func(o *options) error {
		o.progress = f
		return nil
	})
}

// WithStallTimeout limits how long no byte may be transferred; the context limits the whole. The
// time that your reader or writer takes does not count. The default is 75 s, because a portal may
// work for 60 s before it answers. 0 means no limit; a negative duration is an error.
func WithStallTimeout(d time.Duration) TransferOption {
	return transferOption(func(o *options) error {
		if d < 0 {
			return fmt.Errorf("stall timeout: %v is negative", d)
		}
		o.Stall = d
		return nil
	})
}

// WithFileHosts names hosts besides the portal, as host or host:port, whose addresses may be in a
// private network: the file storage of a self-hosted portal, for example. Other hosts must have a
// public address. All are asked over https, and none gets the portal's key. An upload goes to the
// portal alone unless the host is named here.
//
// The address that counts is the one that is connected to. If that is a proxy's, because the
// [http.RoundTripper] of your client is not an [http.Transport] but wraps one that has a proxy in a
// private network, name the hosts as well.
func WithFileHosts(hosts ...string) TransferOption {
	return transferOption(func(o *options) error {
		if slices.Contains(hosts, "") {
			return errors.New("file hosts: a host is empty")
		}
		o.Hosts = append(o.Hosts, hosts...)
		return nil
	})
}

// WithUniqueName lets the portal choose another name if the name is taken: "report (1).pdf".
// Without it, the error then matches [ErrNameTaken]. It is an error for [CallRecord].
func WithUniqueName() UploadOption {
	return uploadOption(func(o *options) error {
		o.unique = true
		return nil
	})
}

// WithSize is the size that the file must have, in bytes, as SIZE of disk.file.get says. A file of
// another size is an error that matches [ErrSize]. The portal announces a length as well, which is
// checked in any case; if it does not, the end of the file may be unrecognizable without WithSize.
func WithSize(bytes int64) DownloadOption {
	return downloadOption(func(o *options) error {
		if bytes < 0 {
			return fmt.Errorf("size: %d is negative", bytes)
		}
		o.size = bytes
		return nil
	})
}

// WithMaxSize limits how many bytes are downloaded. A larger file is an error that matches
// [ErrTooLarge]; nothing of it is written if its length was announced. The default is 16 GiB; bytes
// must be positive.
func WithMaxSize(bytes int64) DownloadOption {
	return downloadOption(func(o *options) error {
		if bytes <= 0 {
			return fmt.Errorf("max size: %d is not positive", bytes)
		}
		o.most = bytes
		return nil
	})
}

// WithRenew lets f return a new link if the link is refused as expired: a link dies before its file.
// f reads the record again, with disk.file.get or crm.item.get. It is called once, and once more
// each time that bytes were received since. nil is an error.
func WithRenew(f func(ctx context.Context) (b24.FileURL, error)) DownloadOption {
	return downloadOption(func(o *options) error {
		if f == nil {
			return errors.New("renew: it is nil")
		}
		o.renew = f
		return nil
	})
}
