#include <fmt/format.h>

#include <iostream>

#include "admin_client.hpp"
#include "outcome.hpp"
#include "phyllo/core/shard.hpp"
#include "phyllo/node/command.hpp"

namespace phyllo::node {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds answer_within{5};

core::awaitable<void> fetch(core::environment& env, transport::endpoint admin, core::result<admin_answer>& to) {
  to = co_await ask_admin(env, admin, "/status", nullptr, env.now() + answer_within);
}

std::string joined(const json& ids) {
  std::string out;
  for (const auto& id : ids) out += " " + id.get<std::string>();
  return out.empty() ? " none" : out;
}

std::string text_of(const json& s) {
  std::string out =
      fmt::format("{} of overlay {}: {} for {} s (version {})\n", s["node_id"].get<std::string>(), s["overlay"].get<std::string>(),
                  s["state"].get<std::string>(), s["uptime_s"].get<std::uint64_t>(), s["version"].get<std::string>());
  const bool ordinary = s["role"] == "ordinary";
  if (ordinary) out += fmt::format("attached to {}\n", joined(s["attachments"]));
  if (!ordinary) {
    out += fmt::format("leaf set     left{}\n             right{}\n", joined(s["leaf_set"]["left"]), joined(s["leaf_set"]["right"]));
    out += fmt::format("routing      {} entries\n", s["routing_table"].size());
  }
  for (const auto& l : s["links"]) {
    out += fmt::format("link         {} {} {}\n", l["node_id"].get<std::string>(), l["address"].get<std::string>(),
                       l["rung"].get<std::string>());
  }
  const auto& st = s["storage"];
  out += fmt::format("storage      {} records: {} as root, {} as replica, {} under-replicated, {}\n", st["records"].get<std::uint64_t>(),
                     st["primary"].get<std::uint64_t>(), st["replicas"].get<std::uint64_t>(), st["under_replicated"].get<std::uint64_t>(),
                     st["synced"].get<bool>() ? "all synced" : "syncing");
  out += fmt::format("sip          {} bindings, {} calls\n", s["sip"]["bindings"].get<std::uint64_t>(),
                     s["sip"]["calls"].get<std::uint64_t>());
  for (const auto& [reason, n] : s["drops"].items()) out += fmt::format("dropped      {} {}\n", n.get<std::uint64_t>(), reason);
  return out;
}

// Of a node of several overlays one after the other.
std::string text_of_all(const json& s) {
  if (!s.contains("overlays")) return text_of(s);
  std::string out;
  for (const auto& one : s["overlays"]) out += (out.empty() ? "" : "\n") + text_of(one);
  return out;
}

}  // namespace

exit_code show_status(const source& s, bool as_json) {
  const auto c = read_configuration(s.file, s.set);
  if (!c) return report(c.error(), as_json);
  core::result<admin_answer> answer = core::fail(errc::no_running_node);
  core::shard shard("command");
  shard.run(fetch(shard.env(), admin_endpoint(*c), answer));
  if (!answer) return report(answer.error(), as_json);
  if (answer->status != 200) return report(core::error(errc::refused, answer->body.value("message", "")), as_json);
  std::cout << (as_json ? answer->body.dump() + "\n" : text_of_all(answer->body));
  return exit_code::ok;
}

}  // namespace phyllo::node
