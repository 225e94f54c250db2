package b24

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/b24go/b24/internal/redact"
)

// Secret is a text that must stay hidden. It is printed, formatted, logged and marshalled as ***,
// even if empty. No dump shows the text, not even one that follows unexported fields; only
// [Secret.Reveal] returns it. Decoders and flags that read text can set it.
//
// The zero value is an empty secret. A Secret may be copied and used by many goroutines. It cannot
// be compared with == and cannot be the key of a map; see [Secret.Equal]. [reflect.DeepEqual] finds
// it equal only to its own copies. In the parameters of a call it is an error, because *** would be
// sent.
type Secret struct {
	_ [0]func() // prevents ==

	text *sealed
}

// sealed is a text in a closure: a dump finds only an address of code.
type sealed struct{ reveal func() string }

// NewSecret creates a [Secret] from its text. An empty text gives the zero value.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{text: &sealed{func() string { return text }}}
}

// Reveal returns the text itself.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return s.text.reveal()
}

// IsZero reports whether the text is empty; omitzero uses it.
func (s Secret) IsZero() bool { return s.text == nil }

// Equal reports whether both texts are the same, in a time that depends only on their lengths. Two
// zero Secrets are equal: check [Secret.IsZero] if a missing secret must not grant access.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns ***.
func (s Secret) String() string { return redact.Mask }

// GoString returns ***.
func (s Secret) GoString() string { return redact.Mask }

// Format writes *** for every verb.
func (s Secret) Format(f fmt.State, _ rune) { write(f, redact.Mask) }

// LogValue returns ***.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redact.Mask) }

// MarshalText returns ***, for JSON and every other encoding of text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redact.Mask), nil }

// GobEncode returns ***, which cannot be decoded again.
func (s Secret) GobEncode() ([]byte, error) { return s.MarshalText() }

// UnmarshalText sets the text. *** is an error, because it is the masked form of a lost secret.
func (s *Secret) UnmarshalText(text []byte) error {
	if string(text) == redact.Mask {
		return errors.New("b24: Secret: the text is ***, the masked form of a secret")
	}
	*s = NewSecret(string(text))
	return nil
}

// write writes text for fmt, which handles errors itself.
func write(f fmt.State, text string) { _, _ = io.WriteString(f, text) }
