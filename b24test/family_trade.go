package b24test

// view returns the family of an entity of the catalog or of orders.
func view(entity, rows string) family {
	f := family{
		entity: entity, id: "id", rows: rows, verbs: lists("list"), exact: true, checked: true, camel: true, grammar: viewGrammar(ormSQL),
		naming: everywhere(namingCamel), allIfNone: true, turns: turnsORM, order: "id", noCount: totalAbsent,
	}
	return f
}

// keyless returns a view of rows without an id, which are equal in its order.
func keyless(entity, rows, order string) family {
	f := view(entity, rows)
	f.id, f.order, f.ties = "", order, true
	return f
}

// catalogFamilies returns those of the catalog.
func catalogFamilies() []family {
	var all []family
	for _, names := range [][2]string{
		{"catalog.product", "products"},
		{"catalog.product.offer", "offers"},
		{"catalog.product.service", "services"},
		{"catalog.product.sku", "units"},
		{"catalog.section", "sections"},
	} {
		f := view(names[0], names[1])
		f.grammar, f.turns, f.needs = viewGrammar(iblockSQL), turnsDesc, []string{"iblockId"}
		f.free = []string{"property"}
		if names[1] != "sections" {
			f.selectNeed = []string{"id", "iblockId"}
		}
		all = append(all, f)
	}
	for _, names := range [][2]string{
		{"catalog.price", "prices"},
		{"catalog.measure", "measures"},
		{"catalog.vat", "vats"},
		{"catalog.ratio", "ratios"},
		{"catalog.extra", "extras"},
		{"catalog.pricetype", "priceTypes"},
		{"catalog.pricetypegroup", "priceTypeGroups"},
		{"catalog.roundingrule", "roundingRules"},
		{"catalog.storeproduct", "storeProducts"},
		{"catalog.productproperty", "productProperties"},
		{"catalog.document.element", "documentElements"},
		{"catalog.documentcontractor", "documentContractor"},
	} {
		all = append(all, view(names[0], names[1]))
	}
	for _, names := range [][2]string{
		{"catalog.document", "documents"},
		{"catalog.store", "stores"},
		{"catalog.productpropertyenum", "productPropertyEnums"},
		{"catalog.productpropertyfeature", "productPropertyFeatures"},
	} {
		f := view(names[0], names[1])
		f.hides = true
		all = append(all, f)
	}
	catalogs := view("catalog.catalog", "catalogs")
	catalogs.paging, catalogs.grammar = pageOne, viewGrammar(classicSQL)
	properties := keyless("catalog.productpropertysection", "productPropertySections", "iblockId")
	properties.hides = true
	return append(all, catalogs, properties)
}

// orderFamilies returns those of orders.
func orderFamilies() []family {
	var all []family
	for _, names := range [][2]string{
		{"sale.order", "orders"},
		{"sale.basketitem", "basketItems"},
		{"sale.basketproperties", "basketProperties"},
		{"sale.payment", "payments"},
		{"sale.shipment", "shipments"},
		{"sale.shipmentitem", "shipmentItems"},
		{"sale.property", "properties"},
		{"sale.shipmentproperty", "properties"},
	} {
		f := view(names[0], names[1])
		f.grammar = mixedGrammar()
		all = append(all, f)
	}
	for _, names := range [][2]string{
		{"sale.persontype", "personTypes"},
		{"sale.propertyvalue", "propertyValues"},
		{"sale.shipmentpropertyvalue", "propertyValues"},
		{"sale.tradeplatform", "tradePlatforms"},
		{"sale.tradebinding", "tradeBindings"},
		{"sale.paymentitembasket", "paymentItemsBasket"},
		{"sale.paymentitemshipment", "paymentItemsShipment"},
	} {
		all = append(all, view(names[0], names[1]))
	}
	for _, names := range [][2]string{{"sale.propertygroup", "propertyGroups"}, {"sale.propertyvariant", "propertyVariants"}} {
		f := view(names[0], names[1])
		f.paging, f.grammar = pageOne, viewGrammar(classicSQL)
		all = append(all, f)
	}
	status := view("sale.status", "statuses")
	status.textID = true
	return append(all, status,
		keyless("sale.propertyrelation", "propertyRelations", "propertyId"),
		keyless("sale.statuslang", "statusLangs", "statusId"),
		keyless("sale.businessvaluepersondomain", "businessValuePersonDomains", "personTypeId"),
		keyless("crm.orderentity", "orderEntity", "ownerId"),
		family{
			entity: "sale.paysystem", id: "ID", verbs: lists("list"), grammar: grammar{engine: ormSQL, operators: classicOperators(), groups: groupsDropped, blind: true},
			naming: everywhere(namingSnake), strays: everywhere(strayPaysystem), turns: turnsORM,
			order: "ID", paging: allRows, noCount: totalNever,
		},
	)
}

// bookingFamilies returns those of bookings: 50 a page, and never counted.
func bookingFamilies() []family {
	var all []family
	for _, names := range [][2]string{
		{"booking.v1.booking", "booking"}, {"booking.v1.resource", "resource"}, {"booking.v1.resourcetype", "resourceType"}, {"booking.v1.waitlist", "waitList"},
	} {
		all = append(all, family{
			entity: names[0], id: "id", rows: names[1], verbs: lists("list"), exact: true, checked: true, camel: true,
			grammar: grammar{engine: ormSQL, operators: []string{"!"}, groups: groupsDropped}, filterable: []string{"id"}, naming: everywhere(namingCamel),
			order: "id", noCount: totalNone,
		})
	}
	return all
}
