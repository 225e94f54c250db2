package b24test

import (
	"strconv"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// stage is an entry of a directory as a new portal has it.
type stage struct {
	code, name string
	system     bool
	semantics  string // S success, F failure
	color      string
}

// directory is a list of entries that a new portal has.
type directory struct {
	entity string
	stages []stage
}

// directories returns those of a new portal.
func directories() []directory {
	return []directory{
		{"STATUS", []stage{
			{"NEW", "Unassigned", true, "", "#39A8EF"},
			{"IN_PROCESS", "In progress", false, "", "#2FC6F6"},
			{"PROCESSED", "Processed", false, "", "#55D0E0"},
			{"CONVERTED", "Good lead", true, "S", "#7BD500"},
			{"JUNK", "Junk lead", true, "F", "#FF5752"},
		}},
		{"SOURCE", plainStages("CALL!", "Call", "EMAIL", "E-Mail", "WEB", "Website", "ADVERTISING", "Advertising", "PARTNER", "Existing client",
			"RECOMMENDATION", "By recommendation", "TRADE_SHOW", "Show/Exhibition", "WEBFORM!", "CRM form", "REPEAT_SALE!", "Repeat sale",
			"CALLBACK!", "Callback", "RC_GENERATOR!", "Sales boost", "STORE!", "Online store", "OTHER", "Other", "BOOKING!", "Booking")},
		{"CONTACT_TYPE", plainStages("CLIENT", "Clients", "SUPPLIER", "Suppliers", "PARTNER", "Partners", "OTHER", "Other")},
		{"COMPANY_TYPE", plainStages("CUSTOMER", "Client", "SUPPLIER", "Supplier", "COMPETITOR", "Competitor", "PARTNER", "Partner", "OTHER", "Other")},
		{"EMPLOYEES", plainStages("EMPLOYEES_1!", "less than 50", "EMPLOYEES_2", "50-250", "EMPLOYEES_3", "250-500", "EMPLOYEES_4", "over 500")},
		{"INDUSTRY", plainStages("IT", "Information Technology", "TELECOM", "Telecommunication", "MANUFACTURING", "Manufacturing", "BANKING", "Banking Services",
			"CONSULTING", "Consulting", "FINANCE", "Finance", "GOVERNMENT", "Government", "DELIVERY", "Delivery", "ENTERTAINMENT", "Entertainment",
			"NOTPROFIT", "Non-profit", "OTHER", "Other")},
		{"DEAL_TYPE", plainStages("SALE", "Sales", "COMPLEX", "Integrated Sales", "GOODS", "Sell merchandise", "SERVICES", "Sell services", "SERVICE", "Maintenance")},
		{"DEAL_STAGE", dealStages()},
		{"QUOTE_STATUS", []stage{
			{"DRAFT", "Draft", true, "", "#39A8EF"},
			{"SENT", "Sent to client", false, "", "#2FC6F6"},
			{"APPROVED", "Accepted", true, "S", "#7BD500"},
			{"DECLAINED", "Declined", true, "F", "#FF5752"},
			{"APOLOGY", "Analyze failure", false, "F", "#FF5752"},
		}},
		{"HONORIFIC", plainStages("HNR_EN_1", "Mr.", "HNR_EN_2", "Mrs.", "HNR_EN_3", "Ms.", "HNR_EN_4", "Dr.")},
		{"CALL_LIST", plainStages("IN_WORK!", "In progress", "SUCCESS!", "Successful", "WRONG_NUMBER!", "Wrong number", "STOP_CALLING!", "Do not call")},
	}
}

// plainStages returns entries without colors; the codes of those of the system end in an
// exclamation mark.
func plainStages(pairs ...string) []stage {
	var all []stage
	for i := 0; i+1 < len(pairs); i += 2 {
		code := pairs[i]
		system := code[len(code)-1] == '!'
		if system {
			code = code[:len(code)-1]
		}
		all = append(all, stage{code: code, name: pairs[i+1], system: system})
	}
	return all
}

// dealStages returns the stages of a new category of deals.
func dealStages() []stage {
	return []stage{
		{"NEW", "New", true, "", "#39A8EF"},
		{"PREPARATION", "Document preparation", false, "", "#2FC6F6"},
		{"PREPAYMENT_INVOICE", "Prepayment invoice", false, "", "#55D0E0"},
		{"EXECUTING", "In progress", false, "", "#47E4C2"},
		{"FINAL_INVOICE", "Final invoice", false, "", "#FFA900"},
		{"WON", "Deal successful", true, "S", "#7BD500"},
		{"LOSE", "Deal failed", true, "F", "#FF5752"},
		{"APOLOGY", "Failure reason analysis", false, "F", "#FF5752"},
	}
}

// itemStages returns the stages of a new category of a smart process.
func itemStages() []stage {
	return []stage{
		{"NEW", "Start", true, "", "#22B9FF"},
		{"PREPARATION", "Preparation", false, "", "#88B9FF"},
		{"CLIENT", "Approval", false, "", "#10e5fc"},
		{"SUCCESS", "Success", true, "S", "#00ff00"},
		{"FAIL", "Fail", true, "F", "#ff0000"},
	}
}

// statusRows returns the rows of crm.status on a new portal.
func statusRows() []map[string]any {
	var rows []map[string]any
	for _, d := range directories() {
		for i, st := range d.stages {
			row := st.row(d.entity, "", i)
			row["ID"] = strconv.Itoa(2*len(rows) + 1)
			rows = append(rows, row)
		}
	}
	return rows
}

// sourceSorts are the places of the sources; some were put between two older ones.
func sourceSorts() []int { return []int{10, 20, 30, 40, 50, 60, 70, 75, 76, 77, 78, 79, 80, 81} }

// row returns an entry of a directory without its id. The prefix names the category.
func (st stage) row(entity, prefix string, place int) map[string]any {
	sort := 10 * (place + 1)
	if entity == "SOURCE" {
		sort = sourceSorts()[place]
	}
	row := map[string]any{
		"ENTITY_ID": entity, "STATUS_ID": prefixed(prefix, st.code), "NAME": st.name, "NAME_INIT": "", "SORT": strconv.Itoa(sort), "SYSTEM": letter(st.system),
		"CATEGORY_ID": nil, "COLOR": nil, "SEMANTICS": nil,
	}
	if st.system {
		row["NAME_INIT"] = st.name
	}
	if st.color != "" {
		row["COLOR"] = st.color
	}
	if st.semantics != "" {
		row["SEMANTICS"] = st.semantics
	}
	explain(row)
	return row
}

// prefixed returns the code of a stage of a category; "": that of the default category of deals, or
// of an entry that belongs to none.
func prefixed(prefix, code string) string {
	if prefix == "" || strings.HasPrefix(code, prefix+":") {
		return code
	}
	return prefix + ":" + code
}

// explain adds the member EXTRA to an entry that is a stage of leads, deals or quotes.
func explain(row map[string]any) {
	entity := php.Text(row["ENTITY_ID"])
	if entity != "STATUS" && entity != "QUOTE_STATUS" && !strings.HasPrefix(entity, "DEAL_STAGE") {
		return
	}
	_, code, ok := strings.Cut(php.Text(row["STATUS_ID"]), ":")
	if !ok {
		code = php.Text(row["STATUS_ID"])
	}
	meaning := "process"
	switch {
	case row["SEMANTICS"] == "S":
		meaning = "success"
	case row["SEMANTICS"] == "F" && (code == "JUNK" || code == "LOSE" || code == "DECLAINED"):
		meaning = "failure"
	case row["SEMANTICS"] == "F":
		meaning = "apology"
	}
	row["EXTRA"] = php.Object("SEMANTICS", meaning, "COLOR", php.Text(row["COLOR"]))
}
