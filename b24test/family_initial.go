package b24test

import "github.com/b24go/b24/b24test/internal/php"

// initialRows returns the rows that an entity has on a new portal.
func initialRows(entity string) []map[string]any {
	n := php.Number
	switch entity {
	case "crm.status":
		return statusRows()
	case "crm.requisite.preset":
		var rows []map[string]any
		for _, preset := range []named{{1, "Organization"}, {3, "Sole Proprietorship"}, {5, "Individual"}} {
			rows = append(rows, map[string]any{
				"ID": n(preset.id), "ENTITY_TYPE_ID": n(requisiteType), "COUNTRY_ID": n(1), "NAME": preset.name, "ACTIVE": "Y", "SORT": n(500),
			})
		}
		return rows
	case "catalog.catalog":
		const kind = "CRM_PRODUCT_CATALOG"
		return []map[string]any{
			{
				"id": n(23), "iblockId": n(23), "iblockTypeId": kind, "lid": "s1", "name": "Product Catalog CRM", "subscription": "N", "productIblockId": nil,
				"skuPropertyId": nil, "vatId": nil,
			},
			{
				"id": n(24), "iblockId": n(24), "iblockTypeId": kind, "lid": "s1", "name": "Product Catalog CRM (offers)", "subscription": "N",
				"productIblockId": n(23), "skuPropertyId": n(97), "vatId": nil,
			},
		}
	case "catalog.pricetype":
		return []map[string]any{{"id": n(1), "name": "BASE", "base": "Y", "sort": n(100), "xmlId": "BASE"}}
	case "catalog.vat":
		return []map[string]any{
			{"id": n(1), "name": "No VAT", "rate": nil, "active": "Y", "sort": n(100)},
			{"id": n(2), "name": "VAT 0%", "rate": n(0), "active": "Y", "sort": n(100)},
			{"id": n(3), "name": "VAT 20%", "rate": n(20), "active": "Y", "sort": n(100)},
		}
	case "catalog.measure":
		return measures()
	case "sale.persontype":
		return []map[string]any{
			{"id": n(3), "name": "Individual", "code": "CRM_CONTACT", "sort": n(100), "active": "Y", "xmlId": "3"},
			{"id": n(4), "name": "Legal Entity", "code": "CRM_COMPANY", "sort": n(110), "active": "Y", "xmlId": "4"},
		}
	}
	return nil
}

func measures() []map[string]any {
	var rows []map[string]any
	for i, m := range []struct {
		code          int
		title, symbol string
	}{{6, "Meter", "m"}, {112, "Liter", "l"}, {163, "Gram", "g"}, {166, "Kilogram", "kg"}, {796, "Piece", "pcs"}} {
		rows = append(rows, map[string]any{
			"id": php.Number(i + 1), "code": php.Number(m.code), "measureTitle": m.title, "symbol": m.symbol, "symbolIntl": m.symbol, "symbolLetterIntl": nil,
			"isDefault": letter(m.code == 796),
		})
	}
	return rows
}

// begin adds the rows of a new portal, unless a test has seeded rows of the entity.
func (s *store) begin() {
	if s.begun {
		return
	}
	s.begun = true
	if s.rows().len() > 0 || s.lastID > 0 || s.placed > 0 {
		return
	}
	rows := initialRows(s.fam.entity)
	if s.fam.entity == driveStorages && s.files != nil {
		rows = s.files.p.initialStorages()
	}
	for _, fields := range rows {
		s.insert(fields)
	}
}
