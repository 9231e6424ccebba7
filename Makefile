# The commands for working on Posthorn; each is a small script in scripts/. "make" alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run build test attack lint watch bench fuzz stand screenshot clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: ## install what is missing, build, start the mail stand and Posthorn, print address and login
	@scripts/run

build: ## the release server in target/release/posthorn and the site in target/site
	@scripts/build

test: ## install what is missing, then lint, unit, integration and browser tests
	@scripts/test

attack: ## every hostile mail of end2end/attack in a real browser: nothing may run, load or lie over the page
	@scripts/attack

lint: ## formatting, clippy for both builds, licences, own checks
	@POSTHORN_TEST_ONLY=lint scripts/test

watch: ## build and serve anew at every change, against the mail stand
	@scripts/watch

bench: ## the figures: speed beside the bare mail server
	@scripts/bench

fuzz: ## feed the mail code with broken mail, FUZZ_SECONDS (1800) each target
	@scripts/fuzz

stand: ## start the mail stand alone (scripts/stand help has more)
	@scripts/setup run && scripts/stand start --seed demo && scripts/stand status --name demo

screenshot: ## the pictures of the documentation
	@scripts/screenshot

clean: ## remove what was built, and every mail stand
	@scripts/clean
