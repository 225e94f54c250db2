package b24test

// catalogFieldNames returns the fields of the catalog.
func catalogFieldNames() map[string]string {
	return map[string]string{
		"catalog.product": `
			id#* iblockId# iblockSectionId# name active? available? barcodeMulti? bundle? canBuyZero? code createdBy# dateActiveFrom
			dateActiveTo dateCreate detailPicture detailText detailTextType height~ length~ measure# modifiedBy# previewPicture
			previewText previewTextType purchasingCurrency purchasingPrice~ quantity~ quantityReserved~ quantityTrace?
			recurSchemeLength# recurSchemeType sort# subscribe? timestampX trialPriceId# type# vatId# vatIncluded? weight~ width~
			withoutOrder? xmlId`,
		"catalog.section":  "id#* iblockId# iblockSectionId# name active? code description descriptionType sort# xmlId",
		"catalog.price":    "id#* catalogGroupId#^ currency price~ priceScale~* productId#^ extraId# quantityFrom# quantityTo# timestampX",
		"catalog.catalog":  "id#* iblockId# iblockTypeId lid name productIblockId# skuPropertyId# subscription? vatId#",
		"catalog.document": "id#* docType status? title commentary createdBy# currency dateCreate dateDocument dateModify dateStatus docNumber modifiedBy# responsibleId# siteId statusBy# total~",
		"catalog.store": `
			id#* active? address code dateCreate dateModify description email gpsN~ gpsS~ imageId issuingCenter? modifiedBy# phone
			schedule sort# title userId# xmlId`,
	}
}

// orderFieldNames returns the fields of orders.
//
//nolint:misspell // the portal's spelling
func orderFieldNames() map[string]string {
	return map[string]string{
		"sale.order": `
			id#* accountNumber additionalInfo affiliateId# canceled? comments companyId# currency dateCanceled dateInsert dateLock
			dateMarked dateStatus dateUpdate deducted? discountValue~ empCanceledId# empMarkedId# empStatusId# externalOrder? id1c lid
			lockedBy# marked? orderTopic payed? personTypeId# personTypeXmlId price~ reasonCanceled reasonMarked recountFlag?
			recurringId# responsibleId# statusId statusXmlId taxValue~ updated1c? userDescription userId# version# version1c xmlId`,
		"sale.basketitem": `
			id#* currency name orderId# price~ productId# basePrice~ canBuy? catalogXmlId customPrice? dateInsert dateUpdate
			dimensions discountPrice~ measureCode measureName productXmlId properties quantity~ reservations sort# vatIncluded?
			vatRate~ weight~ xmlId`,
		"sale.payment": `
			id#* accountNumber comments companyId# currency dateBill dateMarked datePaid datePayBefore dateResponsibleId empMarkedId#
			empPaidId# empResponsibleId# empReturnId# externalPayment? id1c isReturn? marked? orderId# paid? payReturnComment
			payReturnDate payReturnNum paySystemId# paySystemIsCash? paySystemName paySystemXmlId payVoucherDate payVoucherNum
			priceCod~ psCurrency psInvoiceId psResponseDate psStatus? psStatusCode psStatusDescription psStatusMessage psSum~
			reasonMarked responsibleId# sum~ updated1c? version1c xmlId`,
		"sale.shipment": `
			id#* accountNumber allowDelivery? basePriceDelivery~ canceled? comments companyId# currency customPriceDelivery?
			dateAllowDelivery dateCanceled dateDeducted dateInsert dateMarked dateResponsibleId deducted? deliveryDocDate
			deliveryDocNum deliveryId# deliveryName deliveryXmlId discountPrice~ empAllowDeliveryId# empCanceledId# empDeductedId#
			empMarkedId# empResponsibleId# externalDelivery? id1c marked? orderId# priceDelivery~ reasonMarked reasonUndoDeducted
			responsibleId# statusId statusXmlId system? trackingDescription trackingLastCheck trackingNumber trackingStatus#
			updated1c? version1c xmlId`,
	}
}

// catalogViewNames returns the fields of the other entities of the catalog.
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
		"catalog.productpropertyenum":    "id#* propertyId#^ value def? sort# xmlId",
		"catalog.productpropertyfeature": "id#* propertyId# moduleId featureId isEnabled?",
		"catalog.productpropertysection": "propertyId# smartFilter? displayType displayExpanded? filterHint",
		"catalog.document.element":       "id#* docId# storeFrom# storeTo# elementId# amount~ purchasingPrice~",
		"catalog.documentcontractor":     "id#* documentId# entityTypeId# entityId#",
	}
}

// orderViewNames returns the fields of the other entities of orders.
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
