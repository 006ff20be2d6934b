// Arguments in, exit code out. What the commands do is tier command's.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <iostream>

#include "phyllo/command/command.hpp"
#include "phyllo/node/nearest.hpp"
#include "phyllo/node/version.hpp"

namespace {

using namespace phyllo::command;
using phyllo::node::nearest;
using phyllo::node::version;

constexpr const char* exit_codes = "Exit codes: 0 ok, 1 not found, 2 usage or configuration, 3 refused, 4 timed out, 5 no running node.";

struct arguments {
  source from;
  bool json = false;
  user_request user;
  anchor_request anchor;
  overlay_request overlay;
  std::function<exit_code()> chosen;
};

void add_source(CLI::App& c, arguments& a) {
  c.add_option("--config", a.from.file, "Configuration file")->capture_default_str()->type_name("FILE");
  c.add_option("--set", a.from.set, "Override a key of the file; may be repeated")->type_name("KEY=VALUE")->allow_extra_args(false);
}

void add_json(CLI::App& c, arguments& a) { c.add_flag("--json", a.json, "Print JSON"); }

void add_seconds(CLI::App& c, const std::string& name, std::chrono::seconds& to, const std::string& what) {
  c.add_option_function<unsigned>(
       name, [&to](unsigned n) { to = std::chrono::seconds(n); }, what)
      ->type_name("S")
      ->default_str(std::to_string(to.count()))
      ->check(CLI::Range(1, 86400));
}

CLI::App& add_command(CLI::App& to, const std::string& name, const std::string& what, const std::string& example) {
  auto& c = *to.add_subcommand(name, what);
  c.footer("Example:\n  supernode " + example);
  return c;
}

void add_node_commands(CLI::App& app, arguments& a) {
  auto& run_command =
      add_command(app, "run", "Serve until SIGTERM, then drain", "run --config /etc/phyllo/supernode.toml --set log.level=debug");
  add_source(run_command, a);
  run_command.callback([&a] { a.chosen = [&a] { return run(a.from); }; });

  auto& check_command = add_command(app, "check", "Say what is wrong with a configuration", "check --config /etc/phyllo/supernode.toml");
  add_source(check_command, a);
  add_json(check_command, a);
  check_command.callback([&a] { a.chosen = [&a] { return check(a.from, a.json); }; });

  auto& status_command = add_command(app, "status", "Show what the running node says of itself", "status --json | jq .state");
  add_source(status_command, a);
  add_json(status_command, a);
  status_command.callback([&a] { a.chosen = [&a] { return show_status(a.from, a.json); }; });

  auto& reload_command =
      add_command(app, "reload", "Have the running node read certificates, anchors, revoked nodes and limits again; no connection ends",
                  "reload --config /etc/phyllo/supernode.toml");
  add_source(reload_command, a);
  add_json(reload_command, a);
  reload_command.callback([&a] { a.chosen = [&a] { return reload(a.from, a.json); }; });

  auto& version_command = add_command(app, "version", "Print the version", "version --json");
  add_json(version_command, a);
  version_command.callback([&a] { a.chosen = [&a] { return show_version(a.json); }; });
}

void choose_user(CLI::App& c, arguments& a, exit_code (*command)(const user_request&)) {
  add_source(c, a);
  add_json(c, a);
  c.callback([&a, command] {
    a.chosen = [&a, command] {
      a.user.from = a.from;
      a.user.json = a.json;
      return command(a.user);
    };
  });
}

// Of what makes certificates of before count for less.
void add_wait(CLI::App& c, arguments& a) {
  add_seconds(c, "--timeout", a.user.timeout, "How long to wait until the overlay knows that certificates of before count no more");
}

void add_user_commands(CLI::App& app, arguments& a) {
  auto& user = add_command(app, "user", "Accounts of the login server", "user add alice@example.com < password.txt");
  user.require_subcommand(1);

  auto& add = add_command(user, "add", "Make an account; the password comes from standard input or a prompt",
                          "user add alice@example.com < password.txt");
  add.add_option("USER", a.user.user, "user@domain")->required();
  add.add_option("--authority", a.user.authority, "Domain that the account may speak for (nodes of its operator); may be repeated")
      ->type_name("DOMAIN")
      ->allow_extra_args(false);
  add.add_option("--peers", a.user.peers, "How many of its nodes may be supernodes (default: login.peers_per_account)")->type_name("N");
  add.add_flag("--replace", a.user.replace, "Change the password of an existing account; its authority stays, unless --authority is given");
  add.add_flag("--no-authority", a.user.no_authority, "With --replace: take all authority away")->needs("--replace");
  add_wait(add, a);
  choose_user(add, a, add_user);

  auto& change = add_command(user, "change", "Give an account more authority, or take it away; its password and phones stay as they are",
                             "user change node2@example.com --authority example.com");
  change.add_option("USER", a.user.user, "user@domain")->required();
  change.add_option("--authority", a.user.authority, "Domain that the account may speak for, beside those it has; may be repeated")
      ->type_name("DOMAIN")
      ->allow_extra_args(false);
  change.add_option("--peers", a.user.peers, "How many of its nodes may be supernodes")->type_name("N");
  change.add_flag("--no-authority", a.user.no_authority, "Take all authority away but what --authority names; its nodes enrol anew");
  add_wait(change, a);
  choose_user(change, a, change_user);

  auto& remove =
      add_command(user, "remove", "Remove an account; its certificates count no more when the command returns, or it says why not",
                  "user remove alice@example.com");
  remove.add_option("USER", a.user.user, "user@domain")->required();
  add_wait(remove, a);
  choose_user(remove, a, remove_user);

  choose_user(add_command(user, "list", "List accounts", "user list --json"), a, list_users);

  auto& rotate = add_command(user, "rotate-key", "Give a domain's nodes a new key, and seal its users' credentials with it",
                             "user rotate-key example.com");
  rotate.add_option("DOMAIN", a.user.domain, "One that accounts are of, or have authority for")->required();
  rotate.add_flag("--now", a.user.now,
                  "Use it at once and keep no older key: where one may have been stolen. Dialogs and registrations that were made with "
                  "it may have to be made again");
  choose_user(rotate, a, rotate_domain_key);

  auto& import = add_command(user, "import", "Make many accounts, on all cores", "user import users.csv");
  import.add_option("FILE", a.user.file, "CSV of user,password or user,password,peers; - for standard input")->required();
  import.add_flag("--replace", a.user.replace, "Give existing accounts the password of their line; their authority stays");
  add_wait(import, a);
  choose_user(import, a, import_users);
}

void choose_anchor(CLI::App& c, arguments& a, exit_code (*command)(const anchor_request&)) {
  add_source(c, a);
  add_json(c, a);
  c.add_option("--overlay", a.anchor.overlay, "Overlay, by its instance name, of a node that is part of several")->type_name("ID");
  c.callback([&a, command] {
    a.chosen = [&a, command] {
      a.anchor.from = a.from;
      a.anchor.json = a.json;
      return command(a.anchor);
    };
  });
}

void add_anchor_commands(CLI::App& app, arguments& a) {
  auto& anchor = add_command(app, "anchor", "The certificate authority that this node is pinned to", "anchor show");
  anchor.require_subcommand(1);
  choose_anchor(add_command(anchor, "show", "Print the fingerprint of the overlay's certificate authority", "anchor show --json"), a,
                show_anchor);
  const std::string zeros(64, '0');
  auto& replace = add_command(anchor, "replace", "Believe another certificate authority from the next start on; the node enrols anew",
                              "anchor replace sha256:" + zeros);
  replace.add_option("FINGERPRINT", a.anchor.fingerprint, "SHA-256 of the new CA certificate, as its operator says")->required();
  choose_anchor(replace, a, replace_anchor);
}

void add_overlay_id(CLI::App& c, arguments& a) {
  c.add_option("--overlay", a.overlay.overlay, "Overlay, by its instance name, of a node that is part of several")->type_name("ID");
}

void add_overlay_command(CLI::App& overlay, arguments& a, const std::string& verb, const std::string& what, const std::string& example) {
  auto& c = add_command(overlay, verb, what, example);
  const bool writes = verb == "add" || verb == "update";
  auto* name = c.add_option("NAME", a.overlay.name, "[type:]user@domain; type data where none is given");
  CLI::Option* value = nullptr;
  if (writes) {
    value = c.add_option("VALUE", a.overlay.value, "Text to store");
    add_seconds(c, "--lifetime", a.overlay.lifetime, "Seconds that the record lives");
  }
  add_overlay_id(c, a);
  add_source(c, a);
  add_json(c, a);
  add_seconds(c, "--timeout", a.overlay.timeout, "Seconds to wait for an answer");
  auto* batch =
      c.add_option("--batch", a.overlay.batch,
                   writes ? "File of NAME<TAB>VALUE lines; - for standard input" : "File of NAMEs, one a line; - for standard input")
          ->type_name("FILE")
          ->excludes(name);
  c.callback([&a, verb, name, value, batch] {
    if (batch->count() == 0 && name->count() == 0) throw CLI::RequiredError("NAME or --batch FILE");
    if (batch->count() == 0 && value != nullptr && value->count() == 0) throw CLI::RequiredError("VALUE");
    a.chosen = [&a, verb] {
      a.overlay.from = a.from;
      a.overlay.json = a.json;
      a.overlay.verb = verb;
      return overlay_command(a.overlay);
    };
  });
}

void add_watch_command(CLI::App& overlay, arguments& a) {
  auto& c = add_command(overlay, "watch", "Print the values of a name now, and again after each change",
                        "overlay watch note:alice@example.com --json --timeout 600");
  c.add_option("NAME", a.overlay.name, "[type:]user@domain; type data where none is given")->required();
  add_overlay_id(c, a);
  add_source(c, a);
  add_json(c, a);
  c.add_option_function<unsigned>(
       "--timeout", [&a](unsigned n) { a.overlay.timeout = std::chrono::seconds(n); }, "Seconds after which it ends with exit code 4")
      ->type_name("S")
      ->default_str("never")
      ->check(CLI::Range(1, 31'536'000));
  c.add_option("--count", a.overlay.count, "States to print, the one at the start included; then it ends")
      ->type_name("N")
      ->default_str("no end")
      ->check(CLI::Range(1, 1'000'000'000));
  c.callback([&a, &c] {
    if (c.get_option("--timeout")->count() == 0) a.overlay.timeout = std::chrono::seconds(0);
    a.chosen = [&a] {
      a.overlay.from = a.from;
      a.overlay.json = a.json;
      a.overlay.verb = "watch";
      return overlay_command(a.overlay);
    };
  });
}

void add_trace_command(CLI::App& overlay, arguments& a) {
  auto& c = add_command(overlay, "trace", "Print the nodes that a request for a name or key crosses, each with its round-trip time",
                        "overlay trace note:alice@example.com --json");
  c.add_option("NAME|KEY", a.overlay.name, "[type:]user@domain, or a Node-ID or key of 32 hex digits")->required();
  add_overlay_id(c, a);
  add_source(c, a);
  add_json(c, a);
  add_seconds(c, "--timeout", a.overlay.timeout, "Seconds for the whole way");
  c.callback([&a] {
    a.chosen = [&a] {
      a.overlay.from = a.from;
      a.overlay.json = a.json;
      a.overlay.verb = "trace";
      return overlay_command(a.overlay);
    };
  });
}

void add_form_command(CLI::App& overlay, arguments& a) {
  auto& c = add_command(overlay, "form",
                        "Have a node that joins in vain form the ring from what it has: for a ring whose other members are gone for good",
                        "overlay form --config /etc/phyllo/supernode.toml");
  add_overlay_id(c, a);
  add_source(c, a);
  add_json(c, a);
  c.callback([&a] { a.chosen = [&a] { return form_ring(a.from, a.overlay.overlay, a.json); }; });
}

void add_overlay_commands(CLI::App& app, arguments& a) {
  auto& overlay = add_command(app, "overlay", "Read, write and watch records through the running node, and see the way to them",
                              "overlay get alice@example.com");
  overlay.require_subcommand(1);
  add_overlay_command(overlay, a, "add", "Store a value of this node's, unless it has one under the name; others' values stay beside it",
                      "overlay add note:alice@example.com 'gone fishing' --lifetime 600");
  add_overlay_command(overlay, a, "update", "Store a value of this node's over its older one", "overlay update --batch records.tsv --json");
  add_overlay_command(overlay, a, "get", "Print the values of a name, a line each: value, tab, who stored it, tab, on which node",
                      "overlay get note:alice@example.com --json");
  add_overlay_command(overlay, a, "remove", "Remove what this node may of a name's values", "overlay remove note:alice@example.com");
  add_watch_command(overlay, a);
  add_trace_command(overlay, a);
  add_form_command(overlay, a);
}

const CLI::App& innermost(const CLI::App& app) {
  const auto* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();  // ends with the last that was named
  return *at;
}

// What was understood so far: "supernode user add".
std::string words_of(const CLI::App& app) {
  auto out = app.get_name();
  for (const auto* at = &app; !at->get_subcommands().empty();) {  // ends with the last that was named
    at = at->get_subcommands().front();
    out += " " + at->get_name();
  }
  return out;
}

std::vector<std::string> commands_of(const CLI::App& c) {
  std::vector<std::string> out;
  for (const auto* sub : c.get_subcommands([](const CLI::App*) { return true; })) out.push_back(sub->get_name());
  return out;
}

std::vector<std::string> options_of(const CLI::App& c) {
  std::vector<std::string> out;
  for (const auto* option : c.get_options()) {
    for (const auto& name : option->get_lnames()) out.push_back("--" + name);
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& w : words) out += (out.empty() ? "" : ", ") + w;
  return out;
}

// In our words what is unknown or missing; CLI11's for the rest.
std::string complaint_of(const CLI::App& app, const CLI::ParseError& e, const std::vector<std::string>& given) {
  const auto& c = innermost(app);
  const auto commands = commands_of(c);
  const auto unknown = app.remaining(true);
  const auto is_unknown = [&](const std::string& word) { return std::ranges::find(unknown, word) != unknown.end(); };
  for (const auto& word : given) {
    if (!is_unknown(word)) continue;
    if (word.starts_with("-"))
      return "there is no option " + word + "; the nearest is " + nearest(word.substr(0, word.find('=')), options_of(c));
    if (!commands.empty()) return "there is no command " + word + "; the nearest is " + nearest(word, commands);
    return word + ": one argument too many";
  }
  if (!commands.empty()) return "name a command: " + joined(commands);
  return e.what();
}

// "supernode help user add" is "supernode user add --help".
std::vector<std::string> given_by(int argc, char** argv) {
  std::vector<std::string> given(argv + 1, argv + argc);
  if (given.empty() || given.front() != "help") return given;
  given.erase(given.begin());
  given.emplace_back("--help");
  return given;
}

}  // namespace

int main(int argc, char** argv) {
  arguments a;
  CLI::App app{"Phyllo: a supernode of a P2P-SIP overlay", "supernode"};
  app.footer(std::string("Example:\n  supernode run --config /etc/phyllo/supernode.toml\n\n") + exit_codes);
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("supernode ") + version);
  add_node_commands(app, a);
  add_user_commands(app, a);
  add_anchor_commands(app, a);
  add_overlay_commands(app, a);
  const auto given = given_by(argc, argv);
  try {
    app.parse(std::vector<std::string>(given.rbegin(), given.rend()));  // the last first
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);
    std::cerr << "supernode: " << complaint_of(app, e, given) << "; see " << words_of(app) << " --help\n";
    return static_cast<int>(exit_code::usage);
  }
  return static_cast<int>(a.chosen());
}
