// `supernode overlay form`: a node that joins in vain begins the ring from what it has.
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

constexpr std::chrono::seconds form_within{10};

core::awaitable<void> ask_to_form(core::environment& env, std::string socket, std::string overlay, core::result<admin_answer>& to) {
  auto body = json::object();
  if (!overlay.empty()) body["overlay"] = overlay;
  to = co_await ask_admin(env, socket, "/overlay/form", std::move(body), env.now() + form_within);
}

}  // namespace

exit_code form_ring(const source& from, const std::string& overlay, bool as_json) {
  const auto c = node::read_configuration(from.file, from.set);
  if (!c) return report(c.error(), as_json);
  core::result<admin_answer> answer = core::fail(node::errc::no_running_node);
  core::shard shard("command");
  shard.run(ask_to_form(shard.env(), c->admin_socket(), overlay, answer));
  if (!answer) return report(answer.error(), as_json);
  const auto& body = answer->body;
  if (as_json) std::cout << node::printed(body) << '\n';
  if (answer->status != 200) {
    if (!as_json) std::cerr << fmt::format("supernode: {}\n", text_at(body, "message", "refused"));
    return node::exit_code_of_token(text_at(body, "error"));
  }
  if (!as_json) std::cout << "the node forms the ring of its overlay from what it has; others join it (see: supernode status)\n";
  return exit_code::ok;
}

}  // namespace phyllo::command
