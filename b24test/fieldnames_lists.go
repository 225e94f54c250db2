package b24test

// listFieldNames are the fields of what can only be listed.
func listFieldNames() map[string]string {
	const (
		event    = "eventId#* type date data"
		template = `
			id#* name code region sort# active? moduleId fileId# bodyType createTime updateTime createdBy# updatedBy# isDeleted? isDefault? isPublic?
			numeratorId# withStamps? productsTableVariant download downloadMachine users providers entityTypeId`
		numerator = "id#* name template code settings"
	)
	return map[string]string{
		"crm.timeline.logmessage": "id#* created* authorId#* title text iconCode",
		"crm.automatedsolution":   "id#* title typeIds",
		"crm.deal.recurring": `
			ID#* DEAL_ID#^ BASED_ID#* ACTIVE? CATEGORY_ID# IS_LIMIT COUNTER_REPEAT#* LIMIT_REPEAT# LIMIT_DATE START_DATE NEXT_EXECUTION*
			LAST_EXECUTION* PARAMS`,
		"crm.orderentity":                 "orderId# ownerId# ownerTypeId#",
		"documentgenerator.template":      template,
		"crm.documentgenerator.template":  template,
		"documentgenerator.numerator":     numerator,
		"crm.documentgenerator.numerator": numerator,
		"documentgenerator.role":          "id#* name code permissions",
		"tasks.api.scrum.epic":            "id#* groupId# name description createdBy# modifiedBy# color",
		"tasks.api.scrum.sprint":          "id#* groupId# entityType name sort# createdBy# modifiedBy# dateStart dateEnd dateStartTz dateEndTz status info",
		"im.v2.event":                     event,
		"imbot.v2.event":                  event,
		"entity.section": `
			ID#* CODE TIMESTAMP_X* DATE_CREATE* CREATED_BY#* MODIFIED_BY#* ACTIVE? SORT# NAME PICTURE DETAIL_PICTURE DESCRIPTION LEFT_MARGIN#*
			RIGHT_MARGIN#* DEPTH_LEVEL#* SECTION# ENTITY`,
		"booking.v1.booking":      "id#* name description resourceIds datePeriod note visitStatus source isConfirmed? createdBy#* createdAt* updatedAt* within client dateFrom dateTo",
		"booking.v1.resource":     "id#* typeId# name description isMain? createdBy#* createdAt* updatedAt* searchQuery",
		"booking.v1.resourcetype": "id#* name code moduleId createdBy#* createdAt* updatedAt* searchQuery",
		"booking.v1.waitlist":     "id#* note createdBy#* createdAt* updatedAt* createdWithin",
	}
}

// catalogViewNames are the fields of what else there is in the catalog.
func catalogViewNames() map[string]string {
	return map[string]string{
		"catalog.measure":        "id#* code# measureTitle symbol symbolIntl symbolLetterIntl isDefault?",
		"catalog.vat":            "id#* timestampX active? sort# name rate~",
		"catalog.ratio":          "id#* productId# ratio~ isDefault?",
		"catalog.extra":          "id#* name percentage~",
		"catalog.pricetype":      "id#* name base? sort# xmlId timestampX modifiedBy# dateCreate createdBy#",
		"catalog.pricetypegroup": "id#* catalogGroupId# groupId# access?",
		"catalog.roundingrule":   "id#* catalogGroupId# price~ roundType# roundPrecision~ createdBy# dateCreate modifiedBy# dateModify",
		"catalog.storeproduct":   "id#* productId# amount~ storeId# quantityReserved~",
		"catalog.productproperty": `
			id#* timestampX iblockId# name active? sort# code defaultValue propertyType userType rowCount# colCount# listType multiple? xmlId fileType
			multipleCnt# linkIblockId# withDescription? searchable? filtrable? isRequired? hint`,
		"catalog.productpropertyenum":    "id#* propertyId# value def? sort# xmlId",
		"catalog.productpropertyfeature": "id#* propertyId# moduleId featureId isEnabled?",
		"catalog.productpropertysection": "propertyId# smartFilter? displayType displayExpanded? filterHint",
		"catalog.document.element":       "id#* docId# storeFrom# storeTo# elementId# amount~ purchasingPrice~",
		"catalog.documentcontractor":     "id#* documentId# entityTypeId# entityId#",
	}
}

// orderViewNames are the fields of what else belongs to orders.
func orderViewNames() map[string]string {
	const property = `
		id#* active? code defaultValue description inputFieldLocation# isAddress? isAddressFrom? isAddressTo? isEmail? isFiltered? isLocation? isLocation4tax?
		isPayer? isPhone? isProfileName? isZip? multiple? name personTypeId# propsGroupId# required? settings sort# type userProps? util? xmlId`
	return map[string]string{
		"sale.basketproperties":          "id#* basketId# name value code sort# xmlId",
		"sale.shipmentitem":              "id#* orderDeliveryId# basketId# quantity~ reservedQuantity~ xmlId dateInsert",
		"sale.property":                  property,
		"sale.shipmentproperty":          property,
		"sale.persontype":                "id#* name code sort# active? xmlId",
		"sale.propertyvalue":             "id#* name code value orderId# orderPropsId# orderPropsXmlId",
		"sale.shipmentpropertyvalue":     "id#* shipmentId# shipmentPropsId# shipmentPropsXmlId name code value",
		"sale.tradeplatform":             "id#* code active? name description settings catalogSectionTabClassName class xmlId",
		"sale.tradebinding":              "id#* orderId# externalOrderId tradingPlatformId# params xmlId tradingPlatformXmlId",
		"sale.paymentitembasket":         "id#* paymentId# basketId# quantity~ xmlId dateInsert",
		"sale.paymentitemshipment":       "id#* paymentId# shipmentId# xmlId dateInsert",
		"sale.propertygroup":             "id#* personTypeId# name sort#",
		"sale.propertyvariant":           "id#* orderPropsId# name value sort# description",
		"sale.status":                    "id type sort# notify? color xmlId",
		"sale.statuslang":                "statusId lid name description",
		"sale.propertyrelation":          "propertyId# entityId# entityType",
		"sale.businessvaluepersondomain": "personTypeId# domain",
		"sale.paysystem": `
			ID#* NAME CODE PSA_NAME SORT# DESCRIPTION ACTION_FILE ACTIVE? NEW_WINDOW? PS_MODE HAVE_PAYMENT? HAVE_ACTION? HAVE_RESULT? HAVE_PREPAY?
			HAVE_PRICE? HAVE_RESULT_RECEIVE? ENCODING LOGOTIP IS_CASH ALLOW_EDIT_PAYMENT? AUTO_CHANGE_1C? CAN_PRINT_CHECK? XML_ID ENTITY_REGISTRY_TYPE
			PERSON_TYPE_ID# TARIF PARAMS BX_REST_HANDLER`,
	}
}
