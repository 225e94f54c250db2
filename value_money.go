package b24

import (
	"fmt"
	"strings"
)

// Money is the value of a money field: "300|USD" on the wire. Both parts stay text, so no digit is
// lost and an unknown currency is kept.
//
// It decodes from that text, from a number or a text without "|" (an amount without currency) and
// from "|EUR" (a currency without amount); null, "", false, [] and {} decode to the zero value. It
// encodes in the same form, and the zero value as "", which clears the field. An Amount that
// contains "|" is an error.
type Money struct {
	// Amount is a decimal number as written; "" if there is none.
	Amount string
	// Currency is the code of a currency of the portal; "" if there is none.
	Currency string
}

// IsZero reports whether there is neither an amount nor a currency.
func (m Money) IsZero() bool { return m == Money{} }

// String returns the encoded form.
func (m Money) String() string {
	if m.Currency == "" {
		return m.Amount
	}
	return m.Amount + "|" + m.Currency
}

// MarshalText implements encoding.TextMarshaler.
func (m Money) MarshalText() ([]byte, error) {
	if strings.Contains(m.Amount, "|") {
		return nil, fmt.Errorf("b24: Money: amount %q holds a |", clip([]byte(m.Amount)))
	}
	return []byte(m.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler. It accepts any text.
func (m *Money) UnmarshalText(text []byte) error {
	amount, currency, _ := strings.Cut(string(text), "|")
	*m = Money{Amount: strings.TrimSpace(amount), Currency: strings.TrimSpace(currency)}
	return nil
}

// UnmarshalJSON implements json.Unmarshaler. On an error m keeps its value.
func (m *Money) UnmarshalJSON(b []byte) error {
	s, text := plain(b)
	switch s {
	case shapeEmpty:
		*m = Money{}
		return nil
	case shapeText:
		return m.UnmarshalText(text)
	case shapeNumber:
		if _, ok := readDecimal(text); ok {
			return m.UnmarshalText(text)
		}
	default: // no amount
	}
	return unreadable("Money", b)
}
