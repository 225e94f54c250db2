package b24test

import "github.com/b24go/b24/b24test/internal/php"

// enumMethods returns the lists of values that are the same on every portal.
func enumMethods() map[string]procedure {
	methods := map[string]procedure{}
	for name, values := range map[string][]named{
		"contenttype":        {{0, ""}, {1, "Plain text"}, {2, "bbCode"}, {3, "HTML"}},
		"activitytype":       {{0, ""}, {1, "Meeting"}, {2, "Call"}, {3, "Task"}, {4, "E-mail"}, {5, "Action"}, {6, "User Action"}},
		"activitypriority":   {{0, ""}, {1, "low"}, {2, "medium"}, {3, "high"}},
		"activitydirection":  {{0, ""}, {1, "Incoming"}, {2, "Outgoing"}},
		"activitynotifytype": {{0, ""}, {1, "min."}, {2, "h."}, {3, "d."}},
		"activitystatus":     {{0, ""}, {1, "Pending"}, {2, "Completed"}, {3, "Automatically Completed"}},
		"settings.mode":      {{1, "Classic CRM"}, {2, "Simple CRM"}},
	} {
		methods["crm.enum."+name] = func(*Portal, Request) (any, error) {
			list := php.NewArray()
			for _, v := range values {
				list.Add(php.Object("ID", php.Number(v.id), "NAME", v.name, "SYMBOL_CODE", nil, "SYMBOL_CODE_SHORT", nil))
			}
			return list, nil
		}
	}
	methods["crm.enum.getorderownertypes"] = func(*Portal, Request) (any, error) {
		return php.List(php.Object("attribute", "DYN", "code", "DEAL", "id", php.Number(dealType), "name", "Deal")), nil
	}
	methods["crm.enum.fields"] = func(*Portal, Request) (any, error) {
		all := php.Object()
		for _, name := range []string{"ID", "NAME", "SYMBOL_CODE", "SYMBOL_CODE_SHORT"} {
			kind := "string"
			if name == "ID" {
				kind = "int"
			}
			all.Set(name, php.Object("type", kind, "isRequired", false, "isReadOnly", true, "isImmutable", false, "isMultiple", false, "isDynamic", false, "title", name))
		}
		return all, nil
	}
	return methods
}
