#include "command_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "admin_client.hpp"
#include "json_member.hpp"
#include "phyllo/core/shard.hpp"
#include "phyllo/node/json_text.hpp"
#include "report.hpp"

namespace phyllo::command {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds poll{30};  // of one long poll: the node answers within it, change or no change

// A person reads the values, one a line; what is not there is said, since a state without values is one, too.
void print_state(const overlay_request& r, const json& state) {
  if (r.json) {
    std::cout << node::printed(state) << std::endl;
    return;
  }
  const auto values = list_at(state, "values");
  if (values.empty()) std::cout << "(no record)\n";
  for (const auto& v : values) std::cout << text_at(v, "value") << '\t' << text_at(v, "signer") << '\t' << text_at(v, "node_id") << '\n';
  std::cout.flush();
}

// The answer's end, if it ends the watch: anything but a state, or that nothing changed.
std::optional<exit_code> ending(const overlay_request& r, const core::result<admin_answer>& a) {
  if (!a) return report(a.error(), r.json);
  const auto token = text_at(a->body, "error");
  if (a->status == 200 || token == "timed_out") return std::nullopt;
  if (r.json) {
    std::cout << node::printed(a->body) << std::endl;
  } else {
    std::cerr << fmt::format("supernode: {}: {}\n", r.name, text_at(a->body, "message", "refused"));
  }
  return node::exit_code_of_token(token);
}

core::awaitable<void> follow(core::environment& env, const overlay_request& r, std::string socket, exit_code& result) {
  const auto until = r.timeout.count() == 0 ? core::time_point::max() : env.now() + r.timeout;
  std::string seen;
  unsigned printed = 0;
  while (env.now() < until) {  // ends in time, after as many states as were asked for, or with an error
    const auto left = std::chrono::ceil<std::chrono::seconds>(until - env.now());
    const auto span = std::min(poll, left);
    json body{{"name", r.name}, {"timeout_s", span.count()}};
    if (!r.overlay.empty()) body["overlay"] = r.overlay;
    if (!seen.empty()) body["seen"] = seen;
    const auto answer = co_await ask_admin(env, socket, "/overlay/watch", std::move(body), env.now() + span + answer_grace);
    if (const auto end = ending(r, answer)) {
      result = *end;
      co_return;
    }
    if (answer->status != 200) continue;
    seen = text_at(answer->body, "state");
    print_state(r, answer->body);
    if (++printed == r.count) co_return;
  }
  result = exit_code::timed_out;
}

}  // namespace

exit_code watch_command(const overlay_request& r, std::string socket) {
  auto result = exit_code::ok;
  core::shard shard("command");
  shard.run(follow(shard.env(), r, socket, result));
  return result;
}

}  // namespace phyllo::command
