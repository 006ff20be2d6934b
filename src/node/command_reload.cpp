#include <fmt/format.h>

#include <iostream>

#include "admin_client.hpp"
#include "outcome.hpp"
#include "phyllo/core/shard.hpp"
#include "phyllo/node/command.hpp"

namespace phyllo::node {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds answer_within{10};

core::awaitable<void> ask(core::environment& env, transport::endpoint admin, core::result<admin_answer>& to) {
  auto nothing = json::object();
  to = co_await ask_admin(env, admin, "/reload", std::move(nothing), env.now() + answer_within);
}

std::string line(const char* what, const json& keys) {
  std::string out;
  for (const auto& k : keys) out += " " + k.get<std::string>();
  return out.empty() ? out : fmt::format("{}:{}\n", what, out);
}

}  // namespace

exit_code reload(const source& s, bool as_json) {
  const auto c = read_configuration(s.file, s.set);
  if (!c) return report(c.error(), as_json);
  core::result<admin_answer> answer = core::fail(errc::no_running_node);
  core::shard shard("command");
  shard.run(ask(shard.env(), admin_endpoint(*c), answer));
  if (!answer) return report(answer.error(), as_json);
  const auto& body = answer->body;
  if (answer->status != 200 && !as_json) std::cerr << fmt::format("supernode: {}\n", body.value("message", "refused"));
  if (as_json) std::cout << body.dump() << '\n';
  if (answer->status != 200) return exit_code_of_token(body.value("error", ""));
  if (!as_json) {
    std::cout << "certificates, anchors, revoked nodes and limits are read again\n"
              << line("changed", body["changed"]) << line("after the next start", body["need_start"]);
  }
  return exit_code::ok;
}

}  // namespace phyllo::node
