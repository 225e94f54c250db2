package b24test

// itemFieldNames returns the fields of the CRM entities that are returned in camel case, and of
// their stage history.
func itemFieldNames() map[string]string {
	return map[string]string{
		"crm.item": `
			id#* title= xmlId createdTime@* updatedTime@* movedTime@* createdBy#* updatedBy#* movedBy#* categoryId# opened? stageId
			previousStageId* begindate@ closedate@ companyId# contactId# contactIds#+ opportunity~ isManualOpportunity? taxValue~
			currencyId mycompanyId# sourceId sourceDescription webformId# assignedById#= observers#+ lastActivityBy#* lastActivityTime@*
			name lastName secondName companyTitle post birthdate@ typeId comments closed? leadId# quoteId#
			utmSource utmMedium utmCampaign utmContent utmTerm entityTypeId#*`,
		"crm.category":     `id#* name sort# entityTypeId#^ isDefault? isSystem?* code originId originatorId`,
		"crm.stagehistory": `ID#* TYPE_ID#* OWNER_ID#* CREATED_TIME* CATEGORY_ID#* STAGE_SEMANTIC_ID* STAGE_ID* STATUS_SEMANTIC_ID* STATUS_ID*`,
		"crm.type": `
			id#* title code createdBy#* entityTypeId#^ customSectionId# isCategoriesEnabled? isStagesEnabled? isBeginCloseDatesEnabled?
			isClientEnabled? isUseInUserfieldEnabled? isLinkWithProductsEnabled? isMycompanyEnabled? isDocumentsEnabled?
			isSourceEnabled? isObserversEnabled? isRecyclebinEnabled? isAutomationEnabled? isBizProcEnabled? isSetOpenPermissions?
			isPaymentsEnabled? isCountersEnabled? createdTime@* updatedTime@* updatedBy#*`,
		"crm.item.productrow": `
			id#* ownerId#^ ownerType^ productId# productName price~ priceAccount~ priceExclusive~ priceNetto~ priceBrutto~ quantity~
			discountTypeId# discountRate~ discountSum~ taxRate~ taxIncluded? customized? measureCode# measureName sort# xmlId type#
			storeId#`,
	}
}

// peopleFieldNames returns the fields of users, departments and workgroups, and of custom fields.
func peopleFieldNames() map[string]string {
	return map[string]string{
		"user": `
			ID#* XML_ID ACTIVE? NAME LAST_NAME SECOND_NAME TITLE EMAIL LAST_LOGIN* DATE_REGISTER* TIME_ZONE IS_ONLINE?* TIMESTAMP_X
			LAST_ACTIVITY_DATE PERSONAL_GENDER PERSONAL_PROFESSION PERSONAL_WWW PERSONAL_BIRTHDAY PERSONAL_PHOTO PERSONAL_ICQ
			PERSONAL_PHONE PERSONAL_FAX PERSONAL_MOBILE PERSONAL_PAGER PERSONAL_STREET PERSONAL_CITY PERSONAL_STATE PERSONAL_ZIP
			PERSONAL_COUNTRY PERSONAL_MAILBOX PERSONAL_NOTES WORK_PHONE WORK_COMPANY WORK_POSITION WORK_DEPARTMENT WORK_WWW WORK_FAX
			WORK_PAGER WORK_STREET WORK_MAILBOX WORK_CITY WORK_STATE WORK_ZIP WORK_COUNTRY WORK_PROFILE WORK_LOGO WORK_NOTES
			UF_SKYPE_LINK UF_ZOOM UF_EMPLOYMENT_DATE UF_TIMEMAN UF_DEPARTMENT UF_INTERESTS UF_SKILLS UF_WEB_SITES UF_XING
			UF_LINKEDIN UF_FACEBOOK UF_TWITTER UF_SKYPE UF_DISTRICT UF_PHONE_INNER USER_TYPE`,
		"department": "ID#* NAME SORT# PARENT# UF_HEAD#",
		"sonet_group": `
			ID#* SITE_ID NAME DESCRIPTION DATE_CREATE DATE_UPDATE ACTIVE? VISIBLE? OPENED? CLOSED? SUBJECT_ID# OWNER_ID# KEYWORDS
			NUMBER_OF_MEMBERS#* NUMBER_OF_MODERATORS#* DATE_ACTIVITY SUBJECT_NAME* PROJECT? IS_EXTRANET?*`,
		"socialnetwork.api.workgroup": `
			id#* active? siteId subjectId# name description keywords closed? visible? opened? dateCreate dateUpdate dateActivity
			imageId# avatarType ownerId# initiatePerms numberOfMembers#* numberOfModerators#* project? projectDateStart
			projectDateFinish searchIndex* landing? scrumOwnerId# scrumSprintDuration# scrumTaskResponsible type`,
		"userfieldconfig": `
			id#* entityId fieldName userTypeId xmlId sort# multiple? mandatory? showFilter? showInList? editInList? isSearchable?
			settings languageId editFormLabel listColumnLabel listFilterLabel errorMessage helpMessage enum`,
		"userfield": `
			ID#* ENTITY_ID^ FIELD_NAME^ USER_TYPE_ID^ XML_ID SORT# MULTIPLE? MANDATORY? SHOW_FILTER? SHOW_IN_LIST? EDIT_IN_LIST?
			IS_SEARCHABLE? SETTINGS EDIT_FORM_LABEL LIST_COLUMN_LABEL LIST_FILTER_LABEL ERROR_MESSAGE HELP_MESSAGE LIST LANG`,
	}
}

// taskFieldNames returns the fields of tasks and related entities.
func taskFieldNames() map[string]string {
	return map[string]string{
		"tasks.task": `
			id#* parentId# title description mark priority# status# multitask? notViewed? replicate? groupId# stageId# sprintId#
			backlogId# createdBy# createdDate@ responsibleId# accomplices+ auditors+ changedBy# changedDate@ statusChangedBy#
			statusChangedDate@ closedBy# closedDate@ activityDate@ dateStart@ deadline@ startDatePlan@ endDatePlan@ guid xmlId
			commentsCount# serviceCommentsCount# newCommentsCount# allowChangeDeadline? allowTimeTracking? taskControl? addInReport?
			forkedByTemplateId# timeEstimate# timeSpentInLogs# matchWorkTime? forumTopicId# forumId# siteId subordinate? favorite?
			exchangeModified exchangeId outlookVersion# viewedDate@ sorting~ durationPlan# durationFact# checklist+ durationType
			isMuted? isPinned? isPinnedInGroup? realStatus# tag+ tags+ flowId# descriptionInBbcode?`,
		"tasks.task.result": "id#* taskId# commentId# createdBy# createdAt updatedAt status# text formattedText files",
		"task.item": `
			ID#* TITLE DESCRIPTION STATUS# REAL_STATUS# PRIORITY# GROUP_ID# PARENT_ID# RESPONSIBLE_ID# CREATED_BY# CREATED_DATE
			CHANGED_BY# CHANGED_DATE CLOSED_BY# CLOSED_DATE DEADLINE DATE_START START_DATE_PLAN END_DATE_PLAN ACCOMPLICES AUDITORS
			TAGS MARK XML_ID GUID FAVORITE? TIME_ESTIMATE#`,
		"task.commentitem": "ID#* TASK_ID# AUTHOR_ID# AUTHOR_NAME AUTHOR_EMAIL POST_DATE POST_MESSAGE POST_MESSAGE_HTML ATTACHED_OBJECTS",
		"task.checklistitem": `
			ID#* TASK_ID# PARENT_ID# CREATED_BY# TITLE SORT_INDEX# IS_COMPLETE? IS_IMPORTANT? TOGGLED_BY# TOGGLED_DATE MEMBERS
			ATTACHMENTS`,
		"task.elapseditem": "ID#* TASK_ID# USER_ID# COMMENT_TEXT SECONDS# MINUTES# SOURCE# CREATED_DATE DATE_START DATE_STOP",
	}
}
