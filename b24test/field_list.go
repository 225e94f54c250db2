package b24test

// listFieldNames returns the fields of entities that can only be listed.
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
