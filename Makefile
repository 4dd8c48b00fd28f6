# SPDX-License-Identifier: Apache-2.0
# custody: `make help` lists the targets; V=1 shows the commands.
#
# MODE=release|asan|tsan|coverage|fuzz picks a build; each has its own folder under build/, so switching never rebuilds the others.
# DEVELOPER=1 turns warnings into errors. PREFIX, DESTDIR, CC, CFLAGS, CPPFLAGS and LDFLAGS work as usual.
# New sources are found by wildcard in their rooms; nothing is listed here.

VERSION   := 0.1.0
SOVERSION := 0
MODE      ?= release
B         ?= build/$(MODE)

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
LIBEXECDIR ?= $(PREFIX)/libexec
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
PKG_CONFIG ?= pkg-config
INSTALL    ?= install

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
# As many jobs as there are processors, unless -j says otherwise; a make below this one has what this one has.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
# These change what the goals beside them find, and apt-get locks: one after the other.
ifneq ($(filter clean deps deps-lint deps-view,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

# ---- packages: the only place that names them -------------------------------

# What building, demo and check need on a minimal Debian 12 or 13.
APT := gcc make gettext libc6-dev pkg-config libssl-dev zlib1g-dev libjansson-dev libexpat1-dev libutf8proc-dev libdeflate-dev libqrencode-dev libarchive-dev \
	libmagic-dev libseccomp-dev libmicrohttpd-dev libcriterion-dev openssl unzip zip libarchive-tools python3 faketime acl attr hashdeep bc time procps
APT += $(if $(filter amd64,$(shell dpkg --print-architecture 2>/dev/null)),libipsec-mb-dev)
# What lint, fuzz and CI need on top: large, so apart. Version 19 is in both releases, and formats differ between versions.
APT_LINT := clang-19 libclang-rt-19-dev clang-format-19 clang-tidy-19 cppcheck shellcheck mandoc

# What looks at reports as a person would: tests that need it are skipped without, and nothing that is installed but PDF does (by WeasyPrint).
APT_VIEW := weasyprint chromium poppler-utils zbar-tools fonts-dejavu-extra

# $(call apt,PACKAGES): installs what is missing; silent and offline when nothing is. Debian 13 has 7z in 7zip, Debian 12 in p7zip-full.
apt = dpkg -s $(1) >/dev/null 2>&1 || { \
	root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	$$root apt-get update -q && \
	$$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(1); }

deps: ## install the Debian packages that all, demo and check need
	@$(call apt,$(APT))
	@command -v 7z >/dev/null || { . /etc/os-release; \
	[ "$${VERSION_ID:-13}" = 12 ] && z=p7zip-full || z=7zip; $(call apt,$$z); }

deps-lint: deps ## and those that lint, fuzz and coverage need
	@$(call apt,$(APT_LINT))

deps-view: ## and those that make PDF, and look at reports in a browser
	@$(call apt,$(APT_VIEW))

# Everything below needs the compiler and the libraries, these do not.
ifneq ($(filter-out deps deps-lint deps-view help clean,$(or $(MAKECMDGOALS),all)),)

# ---- modes: what each build adds --------------------------------------------

SAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
MODE_CFLAGS.release   := -O2 -g -D_FORTIFY_SOURCE=3
MODE_CFLAGS.asan      := -O1 -g $(SAN)
MODE_CFLAGS.tsan      := -O1 -g -fsanitize=thread
MODE_CFLAGS.coverage  := -O0 -g --coverage -fprofile-update=atomic -DCUSTODY_COVERAGE
MODE_CFLAGS.fuzz      := -O1 -g $(SAN) -fsanitize=fuzzer-no-link -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
MODE_LDFLAGS.asan     := $(SAN)
MODE_LDFLAGS.tsan     := -fsanitize=thread
MODE_LDFLAGS.coverage := --coverage
MODE_LDFLAGS.fuzz     := $(SAN)
ifndef MODE_CFLAGS.$(MODE)
$(error MODE is one of release asan tsan coverage fuzz, not '$(MODE)')
endif
# $(call tool,NAME): the pinned version where it is installed.
tool = $(or $(shell command -v $(1)-19),$(1))
ifeq ($(MODE),fuzz)
CC := $(call tool,clang)
else ifeq ($(origin CC),default)
CC := gcc
endif

# ---- flags -------------------------------------------------------------------

# $(call cc-option,FLAG...): those flags that this compiler takes.
cc-option = $(foreach f,$(1),$(shell $(CC) -Werror $(f) -c -x c /dev/null -o /dev/null 2>/dev/null && echo '$(f)'))

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wformat=2 -Wundef -Wvla -Walloca -Wpointer-arith -Wcast-qual -Wwrite-strings -Wswitch-enum -Wdouble-promotion -Wnull-dereference \
	-Wdate-time $(call cc-option,-Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wformat-signedness -Wcast-align=strict)
ifeq ($(DEVELOPER),1)
WERROR := -Werror
endif
HARDEN := -fPIC -fstack-protector-strong $(call cc-option,-fstack-clash-protection -fcf-protection=full \
	-ftrivial-auto-var-init=pattern -fno-delete-null-pointer-checks)
HARDEN_LD := -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed

# Never libarchive, libmagic or an HTTP server: what reads evidence content is another program (decision: three programs).
DEPS         := libcrypto zlib jansson expat libutf8proc libdeflate libqrencode
ALL_CPPFLAGS := -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DCUSTODY_VERSION='"$(VERSION)"' -DCUSTODY_LIBEXECDIR='"$(LIBEXECDIR)/custody"' $(shell $(PKG_CONFIG) --cflags $(DEPS)) $(CPPFLAGS)
# The same bytes from every folder; but coverage must find its way back from any.
PREFIX_MAP   := $(if $(filter coverage,$(MODE)),,-ffile-prefix-map=$(CURDIR)=.)
ALL_CFLAGS   := -std=c17 -fvisibility=hidden $(PREFIX_MAP) $(WARN) $(HARDEN) $(MODE_CFLAGS.$(MODE)) $(CFLAGS)
ALL_LDFLAGS  := $(HARDEN_LD) $(MODE_LDFLAGS.$(MODE)) $(LDFLAGS)
# Digests of many short messages at once: for one kind of processor, and only there packaged. It has no .pc file.
MULTIBUFFER  ?= $(shell echo '\#include <intel-ipsec-mb.h>' | $(CC) -E - >/dev/null 2>&1 && echo yes)
ifeq ($(MULTIBUFFER),yes)
ALL_CPPFLAGS += -DCUSTODY_MULTIBUFFER
MULTIBUFFER_LIBS := -lIPSec_MB
endif
LDLIBS       := $(shell $(PKG_CONFIG) --libs $(DEPS)) $(MULTIBUFFER_LIBS) -lpthread
# The two other programs, which alone may read evidence content or serve HTTP, and their libraries.
WORKER_LIBS  := $(shell $(PKG_CONFIG) --libs libarchive libmagic libseccomp)
TSAD_LIBS    := $(shell $(PKG_CONFIG) --libs libmicrohttpd libseccomp)

# ---- what there is -----------------------------------------------------------

LIB_SRC  := $(sort $(wildcard libcustody/*/*.c formats/*.c))
CMD_SRC  := $(sort $(wildcard cmd/*.c))
CONTENT_SRC := $(sort $(wildcard formats/content/*.c))
WORKER_SRC  := $(sort $(wildcard cmd/worker/*.c))
TSAD_SRC    := $(sort $(wildcard cmd/tsad/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/*.c tests/fuzz/*.c))
SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))
PROP_SRC := $(sort $(wildcard tests/prop/*.c))
RACE_SRC := $(sort $(wildcard tests/race/*.c))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
SRC      := $(LIB_SRC) $(CMD_SRC) $(CONTENT_SRC) $(WORKER_SRC) $(TSAD_SRC) $(UNIT_SRC) $(SUPPORT_SRC) $(PROP_SRC) $(RACE_SRC)
HEADERS  := $(sort $(wildcard libcustody/*.h libcustody/*/*.h formats/*.h formats/*/*.h cmd/*.h cmd/*/*.h tests/*/*.h))
MAN1     := $(sort $(wildcard cmd/*.1))
MAN8     := $(sort $(wildcard cmd/*/*.8))
MAN5     := $(sort $(wildcard libcustody/*.5 libcustody/*/*.5 formats/*.5))
MAN7     := $(sort $(wildcard libcustody/*.7 libcustody/*/*.7))
SELFTEST := $(sort $(wildcard fixtures/sealed/selftest-*.asice))
SELFTEST_TRUST := $(sort $(wildcard fixtures/sealed/selftest-trust/*.pem))
FORMS    := $(sort $(wildcard formats/forms/*.form))
LANGUAGES := $(shell sed '/^\#/d' formats/po/LINGUAS)
GEN_OBJ  := $(B)/gen/verify_txt.o $(B)/gen/selftest.o $(B)/gen/forms.o $(B)/gen/words.o
LIB_A    := $(B)/libcustody.a
CONTENT_A := $(if $(CONTENT_SRC),$(B)/content.a)
HELPERS  := $(if $(WORKER_SRC),$(B)/custody-worker) $(if $(TSAD_SRC),$(B)/custody-tsad)
LIB_SO   := $(B)/libcustody.so.$(SOVERSION)
obj       = $(1:%.c=$(B)/%.o)
PROPS    := $(PROP_SRC:tests/prop/%.c=$(B)/%)
RACES    := $(RACE_SRC:tests/race/%.c=$(B)/%)

ifneq ($(V),1)
Q   := @
say  = @printf '  %-5s %s\n' $(1) $(2)
endif

# ---- build -------------------------------------------------------------------

all: $(if $(CMD_SRC),$(B)/custody) $(HELPERS) $(LIB_A) $(LIB_SO) ## build the command and the library

# Touched only when a setting changes, and then everything is rebuilt.
SETTINGS := $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(SELFTEST) $(SELFTEST_TRUST) $(FORMS) $(LANGUAGES)
$(B)/.settings: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(SETTINGS))' | cmp -s - $@ || \
	 printf '%s\n' '$(subst ','\'',$(SETTINGS))' > $@

$(B)/%.o: %.c $(B)/.settings
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(WERROR) $(EXTRA) -MMD -MP -c -o $@ $<

$(B)/gen/%.o: $(B)/gen/%.c $(B)/.settings
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(WERROR) -c -o $@ $<

# Criterion's assertion macros do not survive gcc's -Wconversion.
$(B)/tests/%.o: EXTRA := -Wno-conversion

# $(call embed,FILE,SYMBOL): C text of SYMBOL[] and SYMBOL_len with the bytes of FILE, the same on every machine.
embed = { printf '\nextern const uint8_t $(2)[];\nextern const size_t $(2)_len;\nconst uint8_t $(2)[] = {\n'; \
	od -An -v -tx1 $(1) | sed 's/ \(..\)/0x\1,/g'; printf '};\nconst size_t $(2)_len = sizeof($(2));\n'; }
GEN_HEAD = printf '/* Made by make. */\n\#include <stddef.h>\n\#include <stdint.h>\n\#include "libcustody/base/embed.h"\n'

# custody_verify_txt[]: declared in package/sealfile.h.
$(B)/gen/verify_txt.c: libcustody/package/VERIFY.txt Makefile
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q){ $(GEN_HEAD); $(call embed,$<,custody_verify_txt); } > $@

# formats/forms/ID.form is in the table custody_forms[] as "ID" (formats/form.h).
form-symbol = custody_form_$(subst -,_,$(basename $(notdir $(1))))
$(B)/gen/forms.c: $(FORMS) Makefile $(B)/.settings
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q){ $(GEN_HEAD); $(foreach f,$(FORMS),$(call embed,$(f),$(call form-symbol,$(f)));) \
	printf '\nextern const struct custody_embedded custody_forms[];\nconst struct custody_embedded custody_forms[] = {\n'; \
	$(foreach f,$(FORMS),printf '\t{ "%s", %s, sizeof(%s) },\n' $(basename $(notdir $(f))) $(call form-symbol,$(f)) $(call form-symbol,$(f));) \
	printf '\t{ NULL, NULL, 0 },\n};\n'; } > $@

# The languages of reports (formats/words.h): what msgfmt makes of the catalogues, which compares the format directives, as tables in C.
$(B)/gen/%.mo: formats/po/%.po
	@mkdir -p $(@D)
	$(Q)msgfmt --check -o $@ $<
$(B)/gen/all.mo: formats/po/custody.pot
	@mkdir -p $(@D)
	$(Q)msgen --no-wrap -o $(B)/gen/all.po $< && msgfmt -o $@ $(B)/gen/all.po
$(B)/gen/words.c: $(B)/gen/all.mo $(LANGUAGES:%=$(B)/gen/%.mo) formats/po/tables.py Makefile $(B)/.settings
	$(call say,GEN,$@)
	$(Q)python3 -B formats/po/tables.py $(B)/gen/all.mo $(LANGUAGES:%=$(B)/gen/%.mo) > $@

# fixtures/sealed/selftest-NAME.asice is in the table custody_selftest_packages[] as "NAME" (base/embed.h); no file, no line.
# Its anchors are custody_selftest_signers[], _tsas[], _crls[] (work/selftest.c).
selftest-symbol = custody_selftest_$(subst -,_,$(patsubst selftest-%,%,$(basename $(notdir $(1)))))
$(B)/gen/selftest.c: $(SELFTEST) $(SELFTEST_TRUST) Makefile $(B)/.settings
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q){ $(GEN_HEAD); $(foreach f,$(SELFTEST) $(SELFTEST_TRUST),$(call embed,$(f),$(call selftest-symbol,$(f)));) \
	printf '\nconst struct custody_embedded custody_selftest_packages[] = {\n'; \
	$(foreach f,$(SELFTEST),printf '\t{ "%s", %s, sizeof(%s) },\n' \
		$(patsubst fixtures/sealed/selftest-%.asice,%,$(f)) $(call selftest-symbol,$(f)) $(call selftest-symbol,$(f));) \
	printf '\t{ NULL, NULL, 0 },\n};\n'; } > $@

$(LIB_A): $(call obj,$(LIB_SRC)) $(GEN_OBJ)
	$(call say,AR,$@)
	$(Q)$(RM) $@
	$(Q)$(AR) rcsD $@ $^

$(LIB_SO): $(call obj,$(LIB_SRC)) $(GEN_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-soname,$(@F) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/custody: $(call obj,$(CMD_SRC)) $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ -lssl $(LDLIBS)

$(B)/content.a: $(call obj,$(CONTENT_SRC))
	$(call say,AR,$@)
	$(Q)$(RM) $@
	$(Q)$(AR) rcsD $@ $^

$(B)/custody-worker: $(call obj,$(WORKER_SRC)) $(CONTENT_A) $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS) $(WORKER_LIBS)

$(B)/custody-tsad: $(call obj,$(TSAD_SRC)) $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS) $(TSAD_LIBS)

$(B)/tests/support.a: $(call obj,$(SUPPORT_SRC))
	$(Q)$(RM) $@
	@mkdir -p $(@D)
	$(Q)$(AR) rcsD $@ $^

# Of the programs only what has no part in a command: cmd/ is tested by running it.
UNIT_OF_CMD := glyphs reach
$(B)/tests/run: $(call obj,$(UNIT_SRC)) $(UNIT_OF_CMD:%=$(B)/cmd/%.o) $(B)/tests/support.a $(CONTENT_A) $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS) $(if $(CONTENT_SRC),$(WORKER_LIBS)) -lcriterion

# Programs with a main of their own: properties, and what runs under ThreadSanitizer (which does not start under Criterion).
$(B)/prop_sandbox: $(B)/cmd/worker/sandbox.o
$(B)/prop_sandbox: LDLIBS := $(LIB_A) $(LDLIBS) $(WORKER_LIBS)
$(PROPS): $(B)/%: $(B)/tests/prop/%.o $(B)/tests/support.a $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(RACES): $(B)/%: $(B)/tests/race/%.o $(B)/tests/support.a $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

# ---- test --------------------------------------------------------------------

# Old sanitizers do not start on kernels with much address randomisation; where it can be switched off for them, it is.
NOASLR = $$(setarch -R true 2>/dev/null && echo setarch -R)
# A leak found in a Criterion worker does not fail the run by itself, so every sanitizer writes its report to a file, and any file is a failure.
REPORTS = ASAN_OPTIONS=allocator_may_return_null=1:log_path=$(CURDIR)/$(B)/reports/asan UBSAN_OPTIONS=log_path=$(CURDIR)/$(B)/reports/ubsan:print_stacktrace=1 \
	TSAN_OPTIONS=log_path=$(CURDIR)/$(B)/reports/tsan
no-reports = if ls $(B)/reports | grep -q .; then cat $(B)/reports/*; exit 1; fi

check: ## run every test: unit (also under sanitizers), properties, command line
	@$(MAKE) --no-print-directory unit
ifeq ($(MODE),release)
	@$(MAKE) --no-print-directory MODE=asan unit
endif
	@$(MAKE) --no-print-directory prop
	@$(MAKE) --no-print-directory cli
	@$(MAKE) --no-print-directory faults-some

# TESTFLAGS=--filter=zip/* picks tests. An empty run is not a pass: Criterion says "Tested: 0" and exits 0.
unit: $(B)/tests/run ## run the unit tests and replay the fuzz corpora
	@$(RM) -r $(B)/reports && mkdir -p $(B)/reports
	@echo "unit tests, $(MODE) build:"
	@$(REPORTS) $(NOASLR) $(B)/tests/run $(if $(TESTFLAGS),'$(TESTFLAGS)') >$(B)/unit.log 2>&1 || { cat $(B)/unit.log; exit 1; }
	@grep -a 'Synthesis' $(B)/unit.log
	@sed 's/\x1b\[[0-9;]*m//g' $(B)/unit.log | grep -aq 'Synthesis: Tested: [1-9]' || { echo "no test was run"; exit 1; }
	@$(no-reports)

prop: $(PROPS) ## run the property tests
	@$(RM) -r $(B)/reports && mkdir -p $(B)/reports
	@set -e; for p in $(PROPS); do echo "property $${p##*/}:"; $(REPORTS) $(NOASLR) $$p; done
	@$(no-reports)

cli: $(if $(CMD_SRC),$(B)/custody) $(HELPERS) ## run the tests of the command line
	@$(RM) -r $(B)/reports && mkdir -p $(B)/reports
	@CUSTODY=$(CURDIR)/$(B)/custody $(REPORTS) tests/support/run-cli.sh $(CLI)
	@$(no-reports)

FAULT_SO := $(B)/fault.so
$(FAULT_SO): tests/fault/shim.c $(B)/.settings
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CPPFLAGS) -std=gnu17 -fPIC -O1 -g $(WARN) $(WERROR) -shared -o $@ $< -ldl

# Leaks: LeakSanitizer is preloaded too; the sanitized build brings it along.
LSAN := $(if $(filter asan,$(MODE)),,$(wildcard $(shell gcc -print-file-name=liblsan.so 2>/dev/null)))
# Loses memory on purpose: a leak that is not found there would not be found in custody.
FAULT_LEAKS := $(B)/leaks
$(FAULT_LEAKS): tests/fault/leaks.c $(B)/.settings
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(filter-out -O%,$(ALL_CFLAGS)) -O0 -U_FORTIFY_SOURCE $(WERROR) $(ALL_LDFLAGS) -o $@ $< $(shell $(PKG_CONFIG) --libs libcrypto)
FAULT_RUN = tests/fault/run.py $(B)/custody $(FAULT_SO) --leaks $(FAULT_LEAKS) $(if $(LSAN),--lsan $(LSAN))
# Every call of every command takes hours; allocations by distinct callers (FAULTS=--paths) two. `make check` makes a few of each fail.
faults: all $(FAULT_SO) $(FAULT_LEAKS) ## make every N-th call (read, write, sync, close, allocation, ...) of each command fail (FAULTS=options), and kill seal before it
	@$(FAULT_RUN) $(FAULTS)
	@tests/fault/kill.py $(B)/custody $(FAULT_SO)
faults-some: all $(FAULT_SO) $(FAULT_LEAKS)
	@$(FAULT_RUN) --some $(FAULTS)
	@tests/fault/kill.py $(B)/custody $(FAULT_SO) --some

race: ## run the threaded parts under ThreadSanitizer
	@$(MAKE) --no-print-directory MODE=tsan race-run
race-run: $(RACES)
	@set -e; for p in $(RACES); do echo "race $${p##*/}:"; $(NOASLR) $$p; done

coverage: ## lines and branches that the tests reach, by file (FILES=... lists those missed)
	@find build/coverage -name '*.gcda' -delete 2>/dev/null; true
	@for t in unit prop cli; do $(MAKE) --no-print-directory MODE=coverage $$t || echo "coverage: $$t failed; what it reached counts all the same"; done
	@python3 tests/support/coverage.py build/coverage $(or $(FILES),libcustody formats cmd)

$(B)/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(UNIT_OF_CMD:%=$(B)/cmd/%.o) $(B)/tests/support.a $(CONTENT_A) $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) -fsanitize=fuzzer $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS) $(if $(CONTENT_SRC),$(WORKER_LIBS))

fuzzers: $(FUZZ_SRC:tests/fuzz/%.c=$(B)/%)

FUZZ_SECONDS ?= 30
FUZZ ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(FUZZ_SRC))
fuzz: ## run each fuzzer (FUZZ=names) for FUZZ_SECONDS from its corpus in fixtures/fuzz
	@$(MAKE) --no-print-directory MODE=fuzz $(FUZZ:%=build/fuzz/fuzz_%)
	@set -e; for f in $(FUZZ); do \
		mkdir -p build/fuzz/corpus/$$f fixtures/fuzz/$$f; dict=tests/fuzz/fuzz_$$f.dict; \
		$(NOASLR) build/fuzz/fuzz_$$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		$$([ -f $$dict ] && echo -dict=$$dict) -artifact_prefix=build/fuzz/$$f- build/fuzz/corpus/$$f fixtures/fuzz/$$f; done

# Those that are scripts: $(call script,PATH) runs it, or says that it is not there yet.
script = @[ -x $(1) ] || { echo "$(1): not built yet" >&2; exit 1; }; CUSTODY=$(CURDIR)/$(B)/custody $(1)

demo: all ## seal, verify and tamper with something, and show what is said
	$(call script,tests/demo.sh)
bench: all ## measure speed and memory
	$(call script,tests/bench/run.sh)
interop: all ## let other programs read what we write
	$(call script,tests/interop/run.sh)
soak: all ## what takes long: huge files, many files, long fuzzing
	$(call script,tests/soak.sh)

# ---- keep the style ----------------------------------------------------------

lint: check-format check-headers check-house check-po check-symbols check-links check-manuals check-scripts check-install check-clang cppcheck tidy ## every check that runs no test

# A stamp a file, so that they run side by side and only after a change.
STAMPS := $(B)/lint

check-format:
	@$(call tool,clang-format) --dry-run --Werror $(SRC) $(HEADERS)

check-headers: $(HEADERS:%=$(STAMPS)/%.alone) # every header compiles on its own
$(STAMPS)/%.h.alone: %.h $(HEADERS)
	@mkdir -p $(@D)
	@printf '#include "%s"\nextern int alone;\n' $< | $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -Werror -fsyntax-only -x c -
	@touch $@

check-house: # layers, banned calls, licence lines
	@tests/support/lint.py

check-symbols: $(LIB_A) # every global name is custody_*
	@! nm -g --defined-only $(LIB_A) 2>/dev/null | grep -E ' [TDBRCVW] ' | grep -v ' custody_'

check-links: all # what reads hostile content, or serves the network, is another program
	@! ldd $(B)/custody $(LIB_SO) | grep -E 'libmagic|libarchive|libseccomp|libmicrohttpd'
	@! nm -u $(LIB_A) 2>/dev/null | grep -wE 'U (getenv|secure_getenv|exit|_exit|printf|puts|putchar|__printf_chk|system|fork|execv|execve|socket|connect|time|clock_gettime|gettimeofday)'

check-manuals:
	@for m in $(MAN1) $(MAN5) $(MAN8) $(sort $(wildcard cmd/*.7 formats/*.7)); do mandoc -Tlint -W warning $$m || exit 1; done

check-scripts:
	@shellcheck -x -P SCRIPTDIR -s bash -S warning -e SC2010 .ci/run $(sort $(wildcard tests/*.sh tests/*/*.sh tests/*/*.bash))

check-install: all # uninstall leaves nothing of what install put there
	@$(RM) -r $(B)/staged
	@$(MAKE) --no-print-directory DESTDIR=$(CURDIR)/$(B)/staged install >/dev/null
	@$(MAKE) --no-print-directory DESTDIR=$(CURDIR)/$(B)/staged uninstall >/dev/null
	@! find $(B)/staged ! -type d | grep .

check-clang: # the second compiler's warnings
	@$(MAKE) --no-print-directory DEVELOPER=1 CC=$(call tool,clang) B=build/clang all build/clang/tests/run

# Leaks are AddressSanitizer's: cppcheck does not know the cleanup attribute. Null and uninitialised are clang-tidy's and the compilers': cppcheck's guesses
# about conditions are wrong too often.
cppcheck:
	@cppcheck --quiet --enable=warning,performance,portability --suppress=memleak --suppress=resourceLeak --suppress=legacyUninitvar --suppress=nullPointer --suppress=missingIncludeSystem \
		--inline-suppr --error-exitcode=1 -D__cppcheck__ -D_GNU_SOURCE -DCUSTODY_VERSION='""' -DCUSTODY_LIBEXECDIR='""' -I. $(LIB_SRC) $(CMD_SRC) $(CONTENT_SRC) $(WORKER_SRC) $(TSAD_SRC)

tidy: $(patsubst %.c,$(STAMPS)/%.tidy,$(LIB_SRC) $(CMD_SRC) $(CONTENT_SRC) $(WORKER_SRC) $(TSAD_SRC))
$(STAMPS)/%.tidy: %.c $(HEADERS) .clang-tidy
	@mkdir -p $(@D)
	$(call say,TIDY,$<)
	@found=$$($(call tool,clang-tidy) --quiet $< -- $(ALL_CPPFLAGS) -std=c17 2>/dev/null) || { printf '%s\n' "$$found"; exit 1; }
	@touch $@

# Every text that a report shows, in two passes, since some calls and the table of findings have two texts each. Without dates and line numbers: a change shows what changed.
PO_SRC := $(sort $(wildcard formats/report*.[ch])) formats/qr.c formats/words.c libcustody/verdict/finding.c libcustody/verdict/finding.h libcustody/verdict/verdict.c libcustody/record/event_types.c
XGETTEXT = xgettext --language=C --from-code=UTF-8 --no-wrap --add-location=file --add-comments=TRANSLATORS: --package-name=custody --copyright-holder='the authors of custody'
POT = { $(XGETTEXT) -k -kN_ -kcustody_words_plural:3,4 -ksentence:2 -ksentence_of:3,4 -kprose:2 -ksay:3 -ktell:3 -klay:3 -kparagraph:3 -khead:2 -kcustody_page_phrase:2 -krow:2 -kcustody_page_row:2 \
	-kpage_head:3 -kcustody_page_table:2 -kcustody_page_heading:2 -kcustody_page_text_row:2 -kdigest_row:2 -ktime_row:2 -kclaims_buf:2 -kX:7 -o $(1).once $(PO_SRC) && \
	sed -i 's/charset=CHARSET/charset=UTF-8/' $(1).once && \
	$(XGETTEXT) -k -ksay:4 -kX:8 --join-existing -o $(1).once $(PO_SRC) && \
	sed '/^"POT-Creation-Date/d; 1s/.*/\# The texts of the reports of custody. Made by make po./; s/^\# Copyright.*/\# SPDX-License-Identifier: Apache-2.0/;3,4d; s/nplurals=INTEGER; plural=EXPRESSION/nplurals=2; plural=n != 1/' $(1).once > $(1) && \
	$(RM) $(1).once; }

po: ## collect the texts of the reports, and bring the catalogues up to date
	@$(call POT,formats/po/custody.pot)
	@for l in $(LANGUAGES); do msgmerge --quiet --no-wrap --no-fuzzy-matching --add-location=file --backup=none --update formats/po/$$l.po formats/po/custody.pot && \
		msgfmt --check --statistics -o /dev/null formats/po/$$l.po; done

check-po: # no text of a report is missing in the template, and no French one
	@mkdir -p $(B)/gen
	@$(call POT,$(B)/gen/custody.pot)
	@diff -u formats/po/custody.pot $(B)/gen/custody.pot || { echo "formats/po/custody.pot is not what the sources have: make po, and translate into formats/po/fr.po"; exit 1; }
	@msgcmp formats/po/fr.po formats/po/custody.pot

format: ## rewrite the sources in the project's style (FILES=... only those)
	$(call tool,clang-format) -i $(or $(FILES),$(SRC) $(HEADERS))

# ---- install -----------------------------------------------------------------

install: all ## install under DESTDIR and PREFIX
	$(INSTALL) -d $(addprefix $(DESTDIR),$(BINDIR) $(LIBDIR)/pkgconfig $(INCLUDEDIR) $(MANDIR)/man1 $(MANDIR)/man5 $(MANDIR)/man7 $(MANDIR)/man8 $(LIBEXECDIR)/custody)
	$(if $(CMD_SRC),$(INSTALL) -m 755 $(B)/custody $(DESTDIR)$(BINDIR))
	$(if $(strip $(HELPERS)),$(INSTALL) -m 755 $(HELPERS) $(DESTDIR)$(LIBEXECDIR)/custody)
	$(INSTALL) -m 644 $(LIB_A) $(DESTDIR)$(LIBDIR)
	$(INSTALL) -m 755 $(LIB_SO) $(DESTDIR)$(LIBDIR)
	ln -sf $(notdir $(LIB_SO)) $(DESTDIR)$(LIBDIR)/libcustody.so
	$(if $(wildcard libcustody/custody.h),$(INSTALL) -m 644 libcustody/custody.h $(DESTDIR)$(INCLUDEDIR))
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|; s|@VERSION@|$(VERSION)|; s|@DEPS@|$(DEPS)|; s|@LIBS_PRIVATE@|$(strip $(MULTIBUFFER_LIBS) -lpthread)|' \
	    libcustody/libcustody.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/libcustody.pc
	$(if $(MAN1),$(INSTALL) -m 644 $(MAN1) $(DESTDIR)$(MANDIR)/man1)
	$(if $(MAN5),$(INSTALL) -m 644 $(MAN5) $(DESTDIR)$(MANDIR)/man5)
	$(if $(MAN7),$(INSTALL) -m 644 $(MAN7) $(DESTDIR)$(MANDIR)/man7)
	$(if $(MAN8),$(INSTALL) -m 644 $(MAN8) $(DESTDIR)$(MANDIR)/man8)

uninstall: ## remove what install put there
	$(RM) $(DESTDIR)$(BINDIR)/custody $(DESTDIR)$(INCLUDEDIR)/custody.h \
		$(addprefix $(DESTDIR)$(LIBDIR)/,libcustody.a libcustody.so $(notdir $(LIB_SO)) pkgconfig/libcustody.pc) \
		$(addprefix $(DESTDIR)$(MANDIR)/man1/,$(notdir $(MAN1))) $(addprefix $(DESTDIR)$(MANDIR)/man5/,$(notdir $(MAN5))) \
		$(addprefix $(DESTDIR)$(MANDIR)/man7/,$(notdir $(MAN7))) \
		$(addprefix $(DESTDIR)$(MANDIR)/man8/,$(notdir $(MAN8))) $(addprefix $(DESTDIR)$(LIBEXECDIR)/custody/,custody-worker custody-tsad)

-include $(patsubst %.c,$(B)/%.d,$(SRC))

endif

# ---- and ---------------------------------------------------------------------

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

clean: ## remove everything that was built
	$(RM) -r build

FORCE:
.PHONY: all po check-po deps deps-lint deps-view check unit prop cli faults faults-some race race-run coverage fuzz fuzzers demo bench interop soak lint check-format check-headers check-house \
	check-symbols check-links check-manuals check-scripts check-install check-clang cppcheck tidy format install uninstall help clean FORCE
