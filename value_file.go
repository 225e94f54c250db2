package b24

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/b24go/b24/internal/redact"
)

// ErrFileURL is matched if the address of a file is refused: it leads to a method of the portal, to
// a page for browsers, to a host in a private network. The error says why.
var ErrFileURL = newUnsent("the address of the file is refused")

// FileURL is the address of a file, as a portal writes it: DOWNLOAD_URL of disk.file.get, urlMachine
// of crm.item.get. Whoever has it can read the file, and under a webhook it holds the webhook's
// secret. It is therefore printed, formatted, logged and marshalled as ***, like a [Secret]; only
// [FileURL.Reveal] returns it. Package file downloads it.
//
// It decodes from JSON text; null, "", false, [] and {} decode to the zero value, no address. A
// relative address belongs to the portal of the client that downloads it. A FileURL may be copied
// and used by many goroutines. It cannot be compared with ==. In the parameters of a call it is an
// error, because *** would be sent.
//
// The address dies before the file does: an application's with its access token, a webhook's with
// the webhook. Store the file's id, and read the record again for a new address.
type FileURL struct {
	_ [0]func() // prevents ==

	link *sealed
}

// NewFileURL creates a [FileURL] from its text. An empty text gives the zero value.
func NewFileURL(link string) FileURL {
	if link == "" {
		return FileURL{}
	}
	return FileURL{link: &sealed{func() string { return link }}}
}

// Reveal returns the address.
func (u FileURL) Reveal() string {
	if u.link == nil {
		return ""
	}
	return u.link.reveal()
}

// IsZero reports whether there is no address; omitzero uses it.
func (u FileURL) IsZero() bool { return u.link == nil }

// String returns ***.
func (u FileURL) String() string { return redact.Mask }

// GoString returns ***.
func (u FileURL) GoString() string { return redact.Mask }

// Format writes *** for every verb.
func (u FileURL) Format(f fmt.State, _ rune) { write(f, redact.Mask) }

// LogValue returns ***.
func (u FileURL) LogValue() slog.Value { return slog.StringValue(redact.Mask) }

// MarshalText returns ***, for JSON and every other encoding of text.
func (u FileURL) MarshalText() ([]byte, error) { return []byte(redact.Mask), nil }

// GobEncode returns ***, which cannot be decoded again.
func (u FileURL) GobEncode() ([]byte, error) { return u.MarshalText() }

// UnmarshalText sets the address. *** is an error, because it is the masked form of a lost address.
func (u *FileURL) UnmarshalText(text []byte) error {
	if string(text) == redact.Mask {
		return errors.New("b24: FileURL: the text is ***, the masked form of an address")
	}
	*u = NewFileURL(string(text))
	return nil
}

// UnmarshalJSON implements json.Unmarshaler. On an error u keeps its value.
func (u *FileURL) UnmarshalJSON(b []byte) error {
	switch s, text := scalar(b); s {
	case shapeEmpty, shapeFalse:
		*u = FileURL{}
		return nil
	case shapeText:
		return u.UnmarshalText(text)
	default:
		return errors.New("b24: FileURL: the value is not a text") // which is not quoted: it may hold an address
	}
}
