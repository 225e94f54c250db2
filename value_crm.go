package b24

import (
	"fmt"
	"math"
	"strconv"
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

// EntityTypeID identifies a kind of CRM record, like entityTypeId of the crm.item.* methods. Ids
// from 128 on belong to the smart processes of a portal; 0 means no kind.
//
// It decodes from a number, from numeric text and from the name that [EntityTypeID.String] returns,
// in any letter case; null, "", false, [] and {} decode to 0. It encodes as a JSON number.
type EntityTypeID int

// The kinds that every portal has.
const (
	// EntityLead is a lead.
	EntityLead EntityTypeID = 1
	// EntityDeal is a deal.
	EntityDeal EntityTypeID = 2
	// EntityContact is a contact.
	EntityContact EntityTypeID = 3
	// EntityCompany is a company.
	EntityCompany EntityTypeID = 4
	// EntityInvoice is an invoice of the old kind.
	EntityInvoice EntityTypeID = 5
	// EntityQuote is an estimate.
	EntityQuote EntityTypeID = 7
	// EntityRequisite is a set of company or contact details.
	EntityRequisite EntityTypeID = 8
	// EntityOrder is an order of the online store.
	EntityOrder EntityTypeID = 14
	// EntitySmartInvoice is an invoice of the new kind.
	EntitySmartInvoice EntityTypeID = 31
)

const (
	firstDynamicType  = 128
	dynamicTypePrefix = "DYNAMIC_"
)

// String returns the portal's name of the kind: LEAD, SMART_INVOICE, DYNAMIC_1038 for a smart
// process; or the number if there is no name.
func (id EntityTypeID) String() string {
	switch id {
	case EntityLead:
		return "LEAD"
	case EntityDeal:
		return "DEAL"
	case EntityContact:
		return "CONTACT"
	case EntityCompany:
		return "COMPANY"
	case EntityInvoice:
		return "INVOICE"
	case EntityQuote:
		return "QUOTE"
	case EntityRequisite:
		return "REQUISITE"
	case EntityOrder:
		return "ORDER"
	case EntitySmartInvoice:
		return "SMART_INVOICE"
	}
	if id >= firstDynamicType {
		return dynamicTypePrefix + strconv.Itoa(int(id))
	}
	return strconv.Itoa(int(id))
}

// UnmarshalJSON implements json.Unmarshaler. On an error id keeps its value.
func (id *EntityTypeID) UnmarshalJSON(b []byte) error {
	n, ok := readInteger(b)
	if !ok {
		n, ok = readEntityName(b)
	}
	if !ok || n < 0 || n > math.MaxInt32 {
		return unreadable("EntityTypeID", b)
	}
	*id = EntityTypeID(n)
	return nil
}

func readEntityName(b []byte) (int64, bool) {
	s, text := plain(b)
	if s != shapeText {
		return 0, false
	}
	name := strings.ToUpper(string(text))
	if number, ok := strings.CutPrefix(name, dynamicTypePrefix); ok {
		n, fits := smallInteger([]byte(number))
		return n, fits && n >= firstDynamicType
	}
	for id := EntityLead; id <= EntitySmartInvoice; id++ {
		if id.String() == name {
			return int64(id), true
		}
	}
	return 0, false
}
