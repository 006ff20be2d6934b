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

constexpr std::chrono::seconds reload_within{10};

core::awaitable<void> ask(core::environment& env, std::string socket, core::result<admin_answer>& to) {
  auto nothing = json::object();
  to = co_await ask_admin(env, socket, "/reload", std::move(nothing), env.now() + reload_within);
}

std::string line(const char* what, const json& keys) {
  std::string out;
  for (const auto& k : keys) out += " " + (k.is_string() ? k.get<std::string>() : node::printed(k));
  return out.empty() ? out : fmt::format("{}:{}\n", what, out);
}

}  // namespace

exit_code reload(const source& s, bool as_json) {
  const auto c = node::read_configuration(s.file, s.set);
  if (!c) return report(c.error(), as_json);
  core::result<admin_answer> answer = core::fail(node::errc::no_running_node);
  core::shard shard("command");
  shard.run(ask(shard.env(), c->admin_socket(), answer));
  if (!answer) return report(answer.error(), as_json);
  const auto& body = answer->body;
  if (answer->status != 200 && !as_json) std::cerr << fmt::format("supernode: {}\n", text_at(body, "message", "refused"));
  if (as_json) std::cout << node::printed(body) << '\n';
  if (answer->status != 200) return node::exit_code_of_token(text_at(body, "error"));
  if (!as_json) {
    std::cout << "certificates, anchors, revoked nodes and limits are read again\n"
              << line("changed", list_at(body, "changed")) << line("after the next start", list_at(body, "need_start"));
  }
  return exit_code::ok;
}

}  // namespace phyllo::command
