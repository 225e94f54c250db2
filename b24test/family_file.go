package b24test

import (
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// fileFamilies returns those of the Drive and of sites.
func fileFamilies() []family {
	disk := family{
		id: "ID", verbs: lists("getchildren"), exact: true, grammar: pickedGrammar(pickedOperators),
		naming: [3]naming{inFilter: namingAnyCase, inOrder: namingSnake}, strays: [3]stray{inOrder: strayUnknown}, turns: turnsORM,
		texts: textAll, paging: byOffset, noCount: totalAlways,
	}
	disk.standing = []standing{{field: "DELETED_TYPE", value: "0"}}
	disk.filterable = strings.Fields("ID NAME CODE STORAGE_ID TYPE PARENT_ID DELETED_TYPE CREATE_TIME UPDATE_TIME DELETE_TIME")
	folders, storages, roots := disk, disk, disk
	roots.standing, roots.filterable = nil, strings.Fields("ID NAME ENTITY_ID ENTITY_TYPE CODE")
	folders.entity, folders.scopes = "disk.folder", []scope{{arg: "id", field: "PARENT_ID", required: true}}
	storages.entity, storages.verbs, storages.scopes = "disk.storage.getchildren", lists(""), []scope{{arg: "id", field: "STORAGE_ID", required: true}}
	storages.shelf, storages.shelve = driveObjects, func(*php.Array) {}
	roots.entity, roots.verbs = "disk.storage", lists("getlist")
	sites := family{
		id: "ID", verbs: lists("getlist"), inside: "params", grammar: ormGrammar(logicExact), naming: everywhere(namingAnyCase), turns: turnsDesc,
		texts: textAll, paging: byLimit, noCount: totalNever,
	}
	all := []family{folders, storages, roots}
	for _, entity := range []string{"landing.site", "landing.landing"} {
		f := sites
		f.entity = entity
		all = append(all, f)
	}
	return all
}
