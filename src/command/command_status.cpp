#include <fmt/format.h>

#include <iostream>

#include "admin_client.hpp"
#include "json_member.hpp"
#include "phyllo/command/command.hpp"
#include "phyllo/core/shard.hpp"
#include "phyllo/node/json_text.hpp"
#include "report.hpp"

namespace phyllo::command {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds status_within{5};

core::awaitable<void> fetch(core::environment& env, std::string socket, core::result<admin_answer>& to) {
  to = co_await ask_admin(env, socket, "/status", nullptr, env.now() + status_within);
}

std::string joined(const json& ids) {
  std::string out;
  for (const auto& id : ids) out += " " + id.get<std::string>();
  return out.empty() ? " none" : out;
}

std::string head_of(const json& s) {
  const auto id = s.at("node_id").get<std::string>();
  auto out = fmt::format("{} of overlay {}: {} for {} s (version {})\n", id.empty() ? "a node without certificate yet" : id,
                         s.at("overlay").get<std::string>(), s.at("state").get<std::string>(), s.at("uptime_s").get<std::uint64_t>(),
                         s.at("version").get<std::string>());
  if (const auto reason = s.at("reason").get<std::string>(); !reason.empty()) out += fmt::format("not ready    {}\n", reason);
  if (s.at("alone").get<bool>()) out += "alone        no other node is in the ring\n";
  if (const auto clock = s.at("clock").get<std::string>(); !clock.empty()) out += fmt::format("clock        {}\n", clock);
  const auto& disk = s.at("disk");
  if (!disk.at("writable").get<bool>()) out += fmt::format("disk         nothing is kept: {}\n", disk.at("reason").get<std::string>());
  for (const auto& a : s.at("anchors")) out += fmt::format("anchor       {}\n", a.get<std::string>());
  return out;
}

std::string revocations_of(const json& s) {
  const auto& list = s.at("revocations");
  return fmt::format("revocations  {} entries, list {}{}, document {}\n", list.at("entries").get<std::uint64_t>(),
                     list.at("number").get<std::uint64_t>(), list.at("number") == list.at("newest") ? "" : " (a newer one is on its way)",
                     s.at("document").at("sequence").get<std::uint64_t>());
}

std::string ring_of(const json& s) {
  std::string out;
  if (s.at("role") == "ordinary") {
    out += fmt::format("attached to {}\n", joined(s.at("attachments")));
  } else {
    out += fmt::format("leaf set     left{}\n             right{}\n", joined(s.at("leaf_set").at("left")),
                       joined(s.at("leaf_set").at("right")));
    out += fmt::format("routing      {} entries\n", s.at("routing_table").size());
  }
  for (const auto& l : s.at("links")) {
    out += fmt::format("link         {} {} {}\n", l.at("node_id").get<std::string>(), l.at("address").get<std::string>(),
                       l.at("rung").get<std::string>());
  }
  return out;
}

std::string text_of(const json& s) {
  auto out = head_of(s) + revocations_of(s) + ring_of(s);
  const auto& st = s.at("storage");
  out += fmt::format("storage      {} records: {} as root, {} as replica, {} under-replicated, {}\n", st.at("records").get<std::uint64_t>(),
                     st.at("primary").get<std::uint64_t>(), st.at("replicas").get<std::uint64_t>(),
                     st.at("under_replicated").get<std::uint64_t>(), st.at("synced").get<bool>() ? "all synced" : "syncing");
  out += fmt::format("sip          {} bindings, {} calls\n", s.at("sip").at("bindings").get<std::uint64_t>(),
                     s.at("sip").at("calls").get<std::uint64_t>());
  for (const auto& [reason, n] : s.at("drops").items()) {
    if (n.get<std::uint64_t>() > 0) out += fmt::format("dropped      {} {}\n", n.get<std::uint64_t>(), reason);
  }
  return out;
}

// Of a node of several overlays one after the other. errc::malformed: a node of another version has other members.
core::result<std::string> text_of_all(const json& s) {
  try {
    if (!s.contains("overlays")) return text_of(s);
    std::string out;
    for (const auto& one : s.at("overlays")) out += (out.empty() ? "" : "\n") + text_of(one);
    return out;
  } catch (const json::exception& e) {
    return core::fail(node::errc::malformed, fmt::format("the node's status: {}; is it of another version? see it with --json", e.what()));
  }
}

}  // namespace

exit_code show_status(const source& s, bool as_json) {
  const auto c = node::read_configuration(s.file, s.set);
  if (!c) return report(c.error(), as_json);
  core::result<admin_answer> answer = core::fail(node::errc::no_running_node);
  core::shard shard("command");
  shard.run(fetch(shard.env(), c->admin_socket(), answer));
  if (!answer) return report(answer.error(), as_json);
  if (answer->status != 200) return report(core::error(node::errc::refused, text_at(answer->body, "message")), as_json);
  const auto text = as_json ? core::result<std::string>() : text_of_all(answer->body);
  if (!text) return report(text.error(), as_json);
  std::cout << (as_json ? node::printed(answer->body) + "\n" : *text);
  return exit_code::ok;
}

}  // namespace phyllo::command
