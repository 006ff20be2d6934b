// The commands of the binary, without their parsing: what main calls once arguments are understood. Each prints to
// standard output and standard error and returns what the process ends with.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "phyllo/node/configuration.hpp"
#include "phyllo/node/outcome.hpp"

namespace phyllo::command {

using node::exit_code;

// Which configuration, and what of it is overridden.
struct source {
  std::string file = node::default_configuration_file;
  node::overrides set;
};

// Serves until SIGTERM or SIGINT and drains then.
[[nodiscard]] exit_code run(const source& s);

// Says whether the file can be run: all that is wrong with it, and with what it names on this machine. For root: as the data directory's
// owner would find it.
[[nodiscard]] exit_code check(const source& s, bool json);

// What the running node of this configuration says about itself.
[[nodiscard]] exit_code show_status(const source& s, bool json);

// Has the running node of this configuration read its certificates, anchors, revoked nodes and limits again.
[[nodiscard]] exit_code reload(const source& s, bool json);

[[nodiscard]] exit_code show_version(bool json);

// Accounts of the login server. They open the database directly, whether the server runs or not. What revokes certificates, or makes them
// outdated, returns when the overlay knows, or says that it does not.
struct user_request {
  source from;
  std::string user;                    // add, remove
  std::string domain;                  // rotate-key
  bool now = false;                    // rotate-key: the new generation is used without delay, the older ones are not kept for a while
  std::vector<std::string> authority;  // add, change: domains that the account may speak for
  std::optional<unsigned> peers;       // add, change: so many of its nodes may be supernodes
  bool replace = false;                // add, import: over existing accounts
  bool no_authority = false;           // change, and add with replace: authority is taken away
  std::string file;                    // import: CSV of user,password[,peers]; "-": standard input
  std::chrono::seconds timeout{20};    // for the overlay to know what certificates of before do not count for any more
  bool json = false;
};
[[nodiscard]] exit_code add_user(const user_request& r);
[[nodiscard]] exit_code change_user(const user_request& r);
[[nodiscard]] exit_code remove_user(const user_request& r);
[[nodiscard]] exit_code list_users(const user_request& r);
[[nodiscard]] exit_code import_users(const user_request& r);
[[nodiscard]] exit_code rotate_domain_key(const user_request& r);

// The certificate authority that the node is pinned to. Both work on the data directory, whether the node runs or not; it hears of a
// replacement at its next start.
struct anchor_request {
  source from;
  std::string overlay;      // its id; empty: the only one of the node
  std::string fingerprint;  // replace: "sha256:" and 64 hex digits
  bool json = false;
};
[[nodiscard]] exit_code show_anchor(const anchor_request& r);
[[nodiscard]] exit_code replace_anchor(const anchor_request& r);

// get, add, update, remove, watch, trace at the running node of the configuration.
struct overlay_request {
  source from;
  std::string verb;     // "get", "add", "update", "remove", "watch", "trace"
  std::string overlay;  // its id; empty: the only one of the node
  std::string name;     // [type:]user@domain; trace: or a key, 32 hex digits
  std::string value;    // add, update
  std::chrono::seconds lifetime{3600};
  std::chrono::seconds timeout{8};
  bool json = false;
  std::string batch;   // a file of NAME or NAME<TAB>VALUE lines instead of name and value; "-": standard input
  unsigned count = 0;  // watch: ends after as many states; 0: never by itself
};
[[nodiscard]] exit_code overlay_command(const overlay_request& r);

// Has the running node, which joins in vain, form the ring of its overlay from what it has on disk. `overlay`: its id; empty: the only one.
[[nodiscard]] exit_code form_ring(const source& from, const std::string& overlay, bool as_json);

}  // namespace phyllo::command
