package b24test

import "strings"

// documentedType returns the type of a field of a record of the CRM, and the directory of a
// crm_status; "" if the field's marks tell its type.
func documentedType(entity, field string) (kind, directory string) {
	own := documentedTypes()[entity]
	if own == "" {
		return "", ""
	}
	for word := range strings.FieldsSeq(own + " " + documentedTypes()[""]) {
		names, about, _ := strings.Cut(word, ":")
		for name := range strings.SplitSeq(names, ",") {
			if name == field {
				kind, directory, _ = strings.Cut(about, "/")
				return kind, directory
			}
		}
	}
	return "", ""
}

// documentedTypes returns the fields of each record of the CRM with their types, if the marks of
// fieldWords do not tell them; those of "" are the same in all records.
func documentedTypes() map[string]string {
	return map[string]string{
		"": `ASSIGNED_BY_ID,CREATED_BY_ID,MODIFY_BY_ID,MOVED_BY_ID,LAST_ACTIVITY_BY,OBSERVER_IDS:user CURRENCY_ID:crm_currency
			COMPANY_ID,COMPANY_IDS,MYCOMPANY_ID:crm_company CONTACT_ID,CONTACT_IDS:crm_contact LEAD_ID:crm_lead QUOTE_ID:crm_quote DEAL_ID:crm_deal
			LOCATION_ID:location BEGINDATE,CLOSEDATE,ACTUAL_DATE,BIRTHDATE:date SOURCE_ID:crm_status/SOURCE HONORIFIC:crm_status/HONORIFIC
			PHOTO,LOGO:file`,
		"crm.item": `CREATED_BY,UPDATED_BY,MOVED_BY,OBSERVERS:user STAGE_ID,PREVIOUS_STAGE_ID:crm_status CATEGORY_ID:crm_category
			SOURCE_DESCRIPTION:text`,
		"crm.lead":    "STATUS_ID:crm_status/STATUS",
		"crm.deal":    "TYPE_ID:crm_status/DEAL_TYPE STAGE_ID,PREVIOUS_STAGE_ID:crm_status/DEAL_STAGE CATEGORY_ID:crm_category",
		"crm.contact": "TYPE_ID:crm_status/CONTACT_TYPE CATEGORY_ID:crm_category",
		"crm.company": "COMPANY_TYPE:crm_status/COMPANY_TYPE INDUSTRY:crm_status/INDUSTRY EMPLOYEES:crm_status/EMPLOYEES CATEGORY_ID:crm_category",
		"crm.quote":   "STATUS_ID:crm_status/QUOTE_STATUS",
	}
}
