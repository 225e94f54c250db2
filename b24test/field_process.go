package b24test

// processFieldNames returns the fields of workflows, lists and generated documents.
func processFieldNames() map[string]string {
	const document = `
		id#* title number templateId# fileId# imageId# pdfId# createTime updateTime values createdBy# updatedBy# downloadUrl pdfUrl
		imageUrl stampsEnabled entityId# entityTypeId# downloadUrlMachine pdfUrlMachine imageUrlMachine`
	return map[string]string{
		"bizproc.workflow": "ID MODIFIED OWNED_UNTIL MODULE_ID ENTITY DOCUMENT_ID STARTED STARTED_BY# TEMPLATE_ID#",
		"bizproc.workflow.template": `
			ID# MODULE_ID ENTITY DOCUMENT_TYPE AUTO_EXECUTE# NAME DESCRIPTION TEMPLATE PARAMETERS VARIABLES CONSTANTS MODIFIED
			IS_MODIFIED? USER_ID# SYSTEM_CODE`,
		"bizproc.task": `
			ID# WORKFLOW_ID DOCUMENT_NAME DESCRIPTION NAME MODIFIED WORKFLOW_STARTED WORKFLOW_STARTED_BY# OVERDUE_DATE
			WORKFLOW_TEMPLATE_ID# WORKFLOW_TEMPLATE_NAME WORKFLOW_STATE STATUS# USER_ID# USER_STATUS# MODULE_ID ENTITY DOCUMENT_ID
			ACTIVITY ACTIVITY_NAME PARAMETERS`,
		"lists.element": `
			ID#* IBLOCK_TYPE_ID^ IBLOCK_ID#^ NAME IBLOCK_SECTION_ID# CREATED_BY# MODIFIED_BY# DATE_CREATE TIMESTAMP_X ACTIVE_FROM
			ACTIVE_TO CODE SORT#`,
		"lists": `
			ID#* TIMESTAMP_X IBLOCK_TYPE_ID LID CODE API_CODE NAME ACTIVE? SORT# PICTURE DESCRIPTION DESCRIPTION_TYPE XML_ID BIZPROC?
			SOCNET_GROUP_ID#`,
		"documentgenerator.document":     document,
		"crm.documentgenerator.document": document,
	}
}

// talkFieldNames returns the fields of chats, calls, the feed and the like.
func talkFieldNames() map[string]string {
	return map[string]string{
		"im.recent":            "id chat_id# type avatar title message counter# last_id# pinned unread has_reminder date_update date_last_activity user chat options",
		"im.dialog.messages":   "id# dialog_id chat_id# author_id# date text unread uuid replaces params disappearing_date",
		"im.dialog.users":      "id# dialog_id active name first_name last_name bot work_position",
		"log.blogcomment.user": "id# comment_id# post_id# date text attach",
		"im.search.user": `
			id# name first_name last_name work_position color avatar gender birthday extranet network bot connector external_auth_id
			status idle last_activity_date mobile_last_date departments absent phones`,
		"log.blogpost": `
			ID#* BLOG_ID# PUBLISH_STATUS TITLE AUTHOR_ID# ENABLE_COMMENTS? NUM_COMMENTS# CODE MICRO? DETAIL_TEXT DATE_PUBLISH
			CATEGORY_ID HAS_SOCNET_ALL? HAS_TAGS? HAS_IMAGES? HAS_PROPS? HAS_COMMENT_IMAGES? FILES`,
		"voximplant.statistic": `
			ID#* PORTAL_USER_ID# PORTAL_NUMBER PHONE_NUMBER CALL_ID EXTERNAL_CALL_ID CALL_CATEGORY CALL_LOG CALL_DURATION#
			CALL_START_DATE CALL_RECORD_URL CALL_VOTE# COST~ COST_CURRENCY CALL_FAILED_CODE CALL_FAILED_REASON CRM_ENTITY_TYPE
			CRM_ENTITY_ID# CRM_ACTIVITY_ID# REST_APP_ID# REST_APP_NAME TRANSCRIPT_ID# TRANSCRIPT_PENDING? SESSION_ID#
			REDIAL_ATTEMPT# COMMENT RECORD_DURATION# RECORD_FILE_ID# CALL_TYPE#`,
		"telephony.externalline": "NUMBER^ NAME CRM_AUTO_CREATE?",
		"imopenlines.config.list": `
			ID#* ACTIVE? LINE_NAME CRM? CRM_CREATE CRM_FORWARD? CRM_SOURCE QUEUE_TIME# QUEUE_TYPE WORKTIME_ENABLE? WELCOME_MESSAGE?
			QUEUE QUEUE_USERS_FIELDS CONFIG_QUEUE`,
		"calendar.event": `
			ID#* PARENT_ID# DELETED? CAL_TYPE OWNER_ID# NAME DATE_FROM DATE_TO TZ_FROM TZ_TO DATE_CREATE TIMESTAMP_X CREATED_BY#
			DESCRIPTION DT_SKIP_TIME? DT_LENGTH# EVENT_TYPE PRIVATE_EVENT? ACCESSIBILITY IMPORTANCE IS_MEETING? MEETING_STATUS
			MEETING_HOST# MEETING LOCATION REMIND COLOR TEXT_COLOR RRULE EXDATE SECTION_ID# ATTENDEE_LIST`,
		"entity.item": `
			ID#* TIMESTAMP_X MODIFIED_BY# DATE_CREATE CREATED_BY# ACTIVE? DATE_ACTIVE_FROM DATE_ACTIVE_TO SORT# NAME PREVIEW_PICTURE
			PREVIEW_TEXT DETAIL_PICTURE DETAIL_TEXT CODE ENTITY SECTION#`,
		"event.offline": "ID#* TIMESTAMP_X EVENT_NAME EVENT_DATA EVENT_ADDITIONAL MESSAGE_ID PROCESS_ID ERROR",
	}
}

// fileFieldNames returns the fields of the Drive and of sites.
func fileFieldNames() map[string]string {
	const children = `
		ID#* NAME CODE STORAGE_ID# TYPE REAL_OBJECT_ID# PARENT_ID# DELETED_TYPE# GLOBAL_CONTENT_VERSION# FILE_ID# SIZE# CREATE_TIME
		UPDATE_TIME DELETE_TIME CREATED_BY# UPDATED_BY# DELETED_BY# DOWNLOAD_URL DETAIL_URL`
	return map[string]string{
		"disk.folder":              children,
		"disk.storage.getchildren": children,
		"disk.storage":             "ID#* NAME CODE MODULE_ID ENTITY_TYPE ENTITY_ID ROOT_OBJECT_ID#",
		"landing.site":             "ID#* TITLE TYPE CODE ACTIVE? DELETED? DOMAIN_ID# LANDING_ID_INDEX# DATE_CREATE DATE_MODIFY CREATED_BY_ID# MODIFIED_BY_ID#",
		"landing.landing": `
			ID#* TITLE CODE SITE_ID# ACTIVE? DELETED? PUBLIC? FOLDER? FOLDER_ID# DOMAIN_ID# DATE_CREATE DATE_MODIFY DATE_PUBLIC
			CREATED_BY_ID# MODIFIED_BY_ID#`,
	}
}
