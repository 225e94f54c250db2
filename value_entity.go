package b24

import (
	"math"
	"strconv"
	"strings"
)

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
