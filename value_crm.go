package b24

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24/internal/codec"
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

// Multifield is a phone, an e-mail address, a site or a messenger of a lead, contact or company. A
// record has any number of them, each with an id. Use it as Rows[Multifield]: under PHONE, EMAIL,
// WEB and IM of the classic methods, and under fm of crm.item.*.
//
// In an update, rows that are not sent stay as they are, a row with an id changes the one that has
// it, and a row without an id is added, often even if the record has the same value already.
// [MultifieldChanges] finds out what to send. A row is deleted only by [Multifield.Removed]: an
// empty Value is an error, because the portal would delete the row.
//
// It decodes from the form of both APIs. It encodes for fm if Kind is set, and for the classic
// methods otherwise; rows of both forms in one Rows are an error. The classic lists return
// multifields only if select names them.
type Multifield struct {
	// ID identifies the row; empty for a new one.
	ID ID
	// Value is the number or the address, not empty.
	Value string
	// Type is the kind of use: WORK, HOME, MOBILE. If it is empty, the portal uses its default: in
	// the classic methods for an existing row, too, which then loses its type.
	Type string
	// Kind is PHONE, EMAIL, WEB, IM or LINK under fm of crm.item.*. It is empty in the classic
	// fields, whose names say the same.
	Kind string

	removed bool
}

// Removed returns m as a row whose sending deletes it. A row without an id cannot be deleted, and
// encoding it is an error.
func (m Multifield) Removed() Multifield {
	m.removed = true
	return m
}

// In returns m for fm of crm.item.* with that kind (PHONE, EMAIL, ...), or for the classic field if
// kind is empty.
func (m Multifield) In(kind string) Multifield {
	m.Kind = kind
	return m
}

// MultifieldChanges returns what an update must send so that a record that has the rows of have
// will have those of want, in any order: new rows without an id, changed rows, and rows to be
// deleted. Rows that are equal are not sent. If nothing has to change, there are no rows: leave the
// field out.
//
// A row of want belongs to the row of have with the same id, or else to one with the same Value and
// Kind, without regard to blanks around it. An id that have does not know is dropped, so that
// MultifieldChanges(nil, want) copies the rows of another record. A value that occurs twice in want
// is sent once.
func MultifieldChanges(have, want []Multifield) Rows[Multifield] {
	var changes Rows[Multifield]
	rest := slices.Clone(have)
	take := func(is func(Multifield) bool) (Multifield, bool) {
		i := slices.IndexFunc(rest, is)
		if i < 0 {
			return Multifield{}, false
		}
		found := rest[i]
		rest = slices.Delete(rest, i, i+1)
		return found, true
	}
	var added, kept []Multifield
	for _, m := range want {
		old, ok := take(func(h Multifield) bool { return m.ID.IsSet() && h.ID == m.ID })
		if ok {
			changes = append(changes, changed(old, m)...)
			kept = append(kept, m)
		} else {
			added = append(added, m)
		}
	}
	for _, m := range added {
		m.ID = ""
		if slices.ContainsFunc(kept, m.same) {
			continue
		}
		kept = append(kept, m)
		if old, ok := take(m.same); ok {
			changes = append(changes, changed(old, m)...)
		} else {
			changes = append(changes, m)
		}
	}
	for _, m := range rest {
		changes = append(changes, m.Removed())
	}
	return changes
}

// same reports whether both are the same number or address.
func (m Multifield) same(other Multifield) bool {
	return m.Kind == other.Kind && strings.TrimSpace(m.Value) == strings.TrimSpace(other.Value)
}

// changed returns the row that makes old what m says; none if they are equal. A row that names no
// type keeps that of old.
func changed(old, m Multifield) []Multifield {
	m.ID, m.Type = old.ID, cmp.Or(m.Type, old.Type)
	if m.same(old) && !m.removed && m.Type == old.Type {
		return nil
	}
	return []Multifield{m}
}

// multifieldJSON has the names of both APIs; letter case does not matter to the decoder.
type multifieldJSON struct {
	ID        ID     `json:"ID"`
	Value     string `json:"VALUE"`
	ValueType string `json:"VALUE_TYPE"`
	Type      string `json:"valueType"`
	Kind      string `json:"typeId"`
}

// UnmarshalJSON implements json.Unmarshaler. A text alone is the value. On an error m keeps its
// value.
func (m *Multifield) UnmarshalJSON(b []byte) error {
	switch s, text := plain(b); s {
	case shapeText:
		*m = Multifield{Value: string(text)}
		return nil
	case shapeEmpty:
		*m = Multifield{}
		return nil
	default:
	}
	var v multifieldJSON
	if err := json.Unmarshal(b, &v); err != nil {
		return unreadable("Multifield", b)
	}
	*m = Multifield{ID: v.ID, Value: v.Value, Type: v.ValueType + v.Type, Kind: v.Kind}
	return nil
}

// MarshalJSON implements json.Marshaler: a row of a classic field.
func (m Multifield) MarshalJSON() ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	if m.Kind != "" {
		return nil, errors.New("b24: Multifield: a row with a Kind is for fm of crm.item.*: send it in a Rows[Multifield], or clear Kind")
	}
	row := Ordered{}
	if m.ID.IsSet() {
		row = append(row, KV("ID", m.ID))
	}
	if m.removed {
		return codec.Marshal(append(row, KV("VALUE", ""), KV("DELETE", "Y")))
	}
	if row = append(row, KV("VALUE", m.Value)); m.Type != "" {
		row = append(row, KV("VALUE_TYPE", m.Type))
	}
	return codec.Marshal(row)
}

func (m Multifield) check() error {
	switch {
	case m.removed && !m.ID.IsSet():
		return fmt.Errorf("b24: Multifield: %q is to be removed but has no ID: read the record first", clip([]byte(m.Value)))
	case !m.removed && strings.TrimSpace(m.Value) == "" && m.ID.IsSet():
		return fmt.Errorf("b24: Multifield: row %s has no Value, which would delete it: send Removed() or leave the row out", clip([]byte(m.ID)))
	case !m.removed && strings.TrimSpace(m.Value) == "":
		return errors.New("b24: Multifield: a row has no Value: leave it out")
	default:
		return nil
	}
}

// itemRows returns the rows as the object that fm of crm.item.* expects: ids as keys, and n0, n1
// for new rows. A list would be taken for the ids 0, 1, 2.
func itemRows(rows []Multifield) (Ordered, error) {
	object, fresh := Ordered{}, 0
	for _, m := range rows {
		switch err := m.check(); {
		case err != nil:
			return nil, err
		case m.Kind == "":
			return nil, fmt.Errorf("b24: Multifield: %q has no Kind, and other rows have one: all are for fm of crm.item.*, or none", clip([]byte(m.Value)))
		}
		key := string(m.ID)
		if !m.ID.IsSet() {
			key = "n" + strconv.Itoa(fresh)
			fresh++
		}
		row := Ordered{KV("typeId", m.Kind)}
		if m.removed {
			m.Type, m.Value = "", ""
		}
		if m.Type != "" {
			row = append(row, KV("valueType", m.Type))
		}
		object = append(object, KV(key, append(row, KV("value", m.Value))))
	}
	return object, nil
}

// forItems returns rows as fm of crm.item.* if they are multifields with a kind.
func forItems(rows any) (object Ordered, ok bool, err error) {
	list, ok := rows.([]Multifield)
	if !ok || !slices.ContainsFunc(list, func(m Multifield) bool { return m.Kind != "" }) {
		return nil, false, nil
	}
	object, err = itemRows(list)
	return object, true, err
}
