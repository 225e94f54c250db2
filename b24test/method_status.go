package b24test

import (
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// statusMethods returns the methods of the entries of directories: stages, sources and the like.
func statusMethods() map[string]procedure {
	methods := methodsOf(statusResource())
	remove := methods["crm.status.delete"]
	methods["crm.status.delete"] = func(p *Portal, req Request) (any, error) {
		if err := p.keepsStatus(req); err != nil {
			return nil, err
		}
		return remove(p, req)
	}
	methods["crm.status.entity.items"] = statusItems
	methods["crm.status.entity.types"] = func(p *Portal, _ Request) (any, error) {
		list := php.NewArray()
		for _, t := range p.statusTypes() {
			list.Add(t)
		}
		return list, nil
	}
	return methods
}

func statusResource() resource {
	return resource{
		entity: "crm.status",
		lost:   func(string) error { return badRequest("", "Status is not found.") },
		settle: (*Portal).settleStatus,
	}
}

// usualSort is the place of an entry that was added without one.
const usualSort = "10"

// settleStatus checks and completes an entry.
func (p *Portal) settleStatus(w *writing) error {
	fields := w.fields
	if color := w.given.Inner("EXTRA").Text("COLOR"); w.given.Text("COLOR") == "" && color != "" {
		fields["COLOR"] = color
	}
	if color := php.Text(fields["COLOR"]); color != "" && !strings.HasPrefix(color, "#") {
		fields["COLOR"] = "#" + color
	}
	fields["NAME"] = strings.TrimSpace(php.Text(fields["NAME"]))
	switch {
	case fields["NAME"] != "":
	case w.old == nil:
		return p.lacksStatus(w)
	default:
		fields["NAME"] = w.old.fields["NAME"]
	}
	if php.Int(fields["SORT"]) <= 0 {
		fields["SORT"] = usualSort
	}
	if w.old == nil {
		if err := p.placeStatus(fields); err != nil {
			return err
		}
	}
	explain(fields)
	return nil
}

// lacksStatus returns the reason why an entry without a name is not added.
func (p *Portal) lacksStatus(w *writing) error {
	if err := p.knowsDirectory(w.fields); err != nil {
		return err
	}
	return badRequest("", "The field Title is required.")
}

// knowsDirectory reports which of the fields that identify an entry is missing or wrong.
func (p *Portal) knowsDirectory(fields map[string]any) error {
	var missing []string
	for _, name := range []string{"ENTITY_ID", "STATUS_ID"} {
		if php.Text(fields[name]) == "" {
			missing = append(missing, "The field "+name+" is required.")
		}
	}
	entity := php.Text(fields["ENTITY_ID"])
	switch {
	case len(missing) > 0:
		return badRequest("", strings.Join(missing, "\n"))
	case p.directory(entity) == nil:
		return badRequest("", "Specified entity type is not supported.")
	}
	return nil
}

// placeStatus completes a new entry, whose code is unique in its directory and begins with the
// prefix of its category.
func (p *Portal) placeStatus(fields map[string]any) error {
	if err := p.knowsDirectory(fields); err != nil {
		return err
	}
	entity, code := php.Text(fields["ENTITY_ID"]), php.Text(fields["STATUS_ID"])
	about := p.directory(entity)
	if err := badStatusCode(entity, about.Text("PREFIX"), code); err != nil {
		return err
	}
	fields["STATUS_ID"] = prefixed(about.Text("PREFIX"), code)
	for r := range each(p.table("crm.status").rows()) {
		switch {
		case r.fields["ENTITY_ID"] != entity:
		case r.fields["STATUS_ID"] == fields["STATUS_ID"]:
			return badRequest("ERROR_CORE", "The specified status ID already exists.")
		case entity == "DEAL_STAGE" && r.fields["STATUS_ID"] == "WON" && fields["SEMANTICS"] != "F" && php.Int(fields["SORT"]) > php.Int(r.fields["SORT"]):
			return badRequest("", "Cannot create more stages after the final stage because the final successful stage already exists. "+
				"Try using sort order values less than that of the final stage.")
		}
	}
	fields["SYSTEM"], fields["NAME_INIT"] = "N", ""
	if isEmpty(fields["CATEGORY_ID"]) {
		fields["CATEGORY_ID"] = strconv.Itoa(about.Int("CATEGORY_ID"))
	}
	for _, name := range []string{"COLOR", "SEMANTICS"} {
		if isEmpty(fields[name]) {
			fields[name] = nil
		}
	}
	return nil
}

// badStatusCode returns the reason why a directory refuses a code; its text differs from that of a
// portal.
func badStatusCode(entity, prefix, code string) error {
	var most int
	isStage := true
	switch {
	case entity == "STATUS":
		most = 21
	case entity == "QUOTE_STATUS", entity == "DEAL_STAGE":
		most = 22
	case strings.HasPrefix(entity, "DEAL_STAGE_"):
		most = 22 - len(prefix) - 1
	default:
		most, isStage = 50-len(prefix), false
	}
	code = strings.TrimPrefix(code, prefix+":")
	stray := strings.Trim(strings.ToUpper(code), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
	switch {
	case len(code) > most:
		return badRequest("ERROR_CORE", "The status ID is longer than "+strconv.Itoa(most)+" characters.")
	case isStage && stray != "":
		return badRequest("ERROR_CORE", "The status ID may contain only Latin letters, digits, hyphens and underscores.")
	}
	return nil
}

// keepsStatus returns the reason why an entry is not deleted: it is one of the system, or the stage
// of some record.
func (p *Portal) keepsStatus(req Request) error {
	r, err := statusResource().find(p.table("crm.status"), req)
	if err != nil {
		return err
	}
	v, _ := req.params.Fold("params")
	flags, _ := v.(*php.Array)
	entity, code := php.Text(r.fields["ENTITY_ID"]), php.Text(r.fields["STATUS_ID"])
	switch {
	case r.fields["SYSTEM"] == "Y" && flags.Text("FORCED") != "Y":
		return badRequest("", `CRM System Status can be deleted only if parameter FORCED is specified and equal to "Y".`)
	case p.inStage(p.directory(entity).Int("ENTITY_TYPE_ID"), code):
		return badRequest("", "There are active items in this status.")
	}
	return nil
}

// inStage reports whether a record of a type is in a stage.
func (p *Portal) inStage(typeID int, code string) bool {
	entity := ownerEntity(typeID)
	if entity == "" || p.data.filled(entity) == nil {
		return false
	}
	field := "STAGE_ID"
	if entity == "crm.lead" || entity == "crm.quote" {
		field = "STATUS_ID"
	}
	for r := range each(p.table(entity).rows()) {
		if r.fields[field] == code {
			return true
		}
	}
	return false
}

// statusItems answers crm.status.entity.items.
func statusItems(p *Portal, req Request) (any, error) {
	v, _ := req.params.Fold("entityId")
	entity := strings.ToUpper(php.Text(v))
	if entity == "" {
		return nil, badRequest("", "The parameter entityId is not defined or invalid.")
	}
	var found []*record
	for r := range each(p.table("crm.status").rows()) {
		if r.fields["ENTITY_ID"] == entity {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b *record) int { return php.Int(a.fields["SORT"]) - php.Int(b.fields["SORT"]) })
	list := php.NewArray()
	for _, r := range found {
		list.Add(php.Object("NAME", r.fields["NAME"], "SORT", php.Number(php.Int(r.fields["SORT"])), "STATUS_ID", r.fields["STATUS_ID"]))
	}
	return list, nil
}

// directory returns the description of a directory; nil if there is none. A test may seed entries
// of any directory.
func (p *Portal) directory(entity string) *php.Array {
	for _, t := range p.statusTypes() {
		if t.Text("ID") == entity {
			return t
		}
	}
	for r := range each(p.table("crm.status").rows()) {
		if r.fields["ENTITY_ID"] == entity {
			return php.Object("ID", entity)
		}
	}
	return nil
}

// statusTypes returns the directories of crm.status.entity.types: those of every portal and the
// stages of the categories.
func (p *Portal) statusTypes() []*php.Array {
	stages := func(id, name string, typeID int, marks ...string) *php.Array {
		info := php.Object("START_FIELD", marks[0], "FINAL_SUCCESS_FIELD", marks[1], "FINAL_UNSUCCESS_FIELD", marks[2], "FINAL_SORT", php.Number(0))
		return php.Object("ID", id, "NAME", name, "SEMANTIC_INFO", info, "ENTITY_TYPE_ID", php.Number(typeID))
	}
	all := []*php.Array{stages("STATUS", "Lead stages", 1, "NEW", "CONVERTED", "JUNK")}
	for _, pair := range [][2]string{
		{"SOURCE", "Sources"},
		{"CONTACT_TYPE", "Contact type"},
		{"COMPANY_TYPE", "Company type"},
		{"EMPLOYEES", "Number of employees"},
		{"INDUSTRY", "Industry"},
		{"DEAL_TYPE", "Deal type"},
	} {
		all = append(all, php.Object("ID", pair[0], "NAME", pair[1]))
	}
	deals := stages("DEAL_STAGE", "Deal stages", dealType, "NEW", "WON", "LOSE")
	deals.Set("FIELD_ATTRIBUTE_SCOPE", "")
	deals.Set("CATEGORY_ID", php.Number(0))
	all = append(all, deals)
	for r := range each(p.table("crm.category").rows()) {
		if about := p.stagesOf(r); about != nil {
			all = append(all, about)
		}
	}
	return append(all, stages("QUOTE_STATUS", "Quote stages", 7, "DRAFT", "APPROVED", "DECLAINED"),
		php.Object("ID", "HONORIFIC", "NAME", "Salutations"), php.Object("ID", "CALL_LIST", "NAME", "Call statuses"))
}

// stagesOf describes the directory of the stages of a category; nil if it has none of its own.
func (p *Portal) stagesOf(category *record) *php.Array {
	typeID, id := php.Int(category.fields["entityTypeId"]), php.Int(category.fields["id"])
	name := php.Text(category.fields["name"])
	if category.fields["entityTypeId"] == nil {
		typeID = dealType
	}
	entity, prefix := stageDirectory(typeID, id)
	if prefix == "" {
		return nil
	}
	about := php.Object("ID", entity, "NAME", name, "SEMANTIC_INFO", php.NewArray(), "PREFIX", prefix, "FIELD_ATTRIBUTE_SCOPE", "category_"+strconv.Itoa(id),
		"ENTITY_TYPE_ID", php.Number(typeID), "CATEGORY_ID", php.Number(id))
	if typeID == dealType {
		about.Set("PARENT_ID", "DEAL_STAGE")
		about.Set("SEMANTIC_INFO", php.Object("START_FIELD", prefix+":NEW", "FINAL_SUCCESS_FIELD", prefix+":WON",
			"FINAL_UNSUCCESS_FIELD", prefix+":LOSE", "FINAL_SORT", php.Number(0)))
		return about
	}
	if t := p.typed(typeID); t != nil {
		about.Set("NAME", php.Text(t.fields["title"])+" ("+name+")")
	}
	about.Set("IS_ENABLED", true)
	about.Set("CATEGORY_NAME", name)
	about.Set("CATEGORY_SORT", php.Number(php.Int(category.fields["sort"])))
	about.Set("IS_DEFAULT_CATEGORY", category.fields["isDefault"] == "Y")
	return about
}

// stageDirectory returns the directory of the stages of a category and the prefix of their codes;
// contacts and companies have no stages, and the first category of deals has no prefix.
func stageDirectory(typeID, category int) (entity, prefix string) {
	id, of := strconv.Itoa(category), strconv.Itoa(typeID)
	switch {
	case typeID == dealType && category == 0:
		return "DEAL_STAGE", ""
	case typeID == dealType:
		return "DEAL_STAGE_" + id, "C" + id
	case typeID >= firstDynamicType:
		return "DYNAMIC_" + of + "_STAGE_" + id, "DT" + of + "_" + id
	}
	return "", ""
}
