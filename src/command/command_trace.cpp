#include "command_trace.hpp"

#include <iostream>

#include "admin_client.hpp"
#include "json_member.hpp"
#include "phyllo/core/shard.hpp"
#include "phyllo/node/json_text.hpp"
#include "phyllo/node/trace_target.hpp"
#include "report.hpp"
#include "trace_table.hpp"

namespace phyllo::command {
namespace {

using nlohmann::json;

core::awaitable<void> ask(core::environment& env, const overlay_request& r, std::string socket, core::result<admin_answer>& answer) {
  json body{{"name", r.name}, {"timeout_s", r.timeout.count()}};
  if (!r.overlay.empty()) body["overlay"] = r.overlay;
  answer = co_await ask_admin(env, socket, "/overlay/trace", std::move(body), env.now() + r.timeout + answer_grace);
}

// A way that ends before the root is printed as far as it goes; the exit code is that of what ended it.
exit_code print(const overlay_request& r, const admin_answer& a) {
  const auto end = a.status == 200 && !ends_early(a.body) ? exit_code::ok : node::exit_code_of_token(error_token_of(a.body));
  if (r.json) {
    std::cout << node::printed(a.body) << '\n';
    return end;
  }
  if (a.status == 200) std::cout << table_of(a.body) << std::flush;
  const auto complaint = a.status == 200 ? complaint_of(a.body) : text_at(a.body, "message", "refused");
  if (!complaint.empty()) std::cerr << "supernode: " << complaint << '\n';
  return end;
}

}  // namespace

exit_code trace_command(const overlay_request& r, std::string socket) {
  if (const auto target = node::trace_target::parse(r.name); !target) return report(target.error(), r.json);
  core::result<admin_answer> answer = core::fail(node::errc::no_running_node);
  core::shard shard("command");
  shard.run(ask(shard.env(), r, socket, answer));
  return answer ? print(r, *answer) : report(answer.error(), r.json);
}

}  // namespace phyllo::command
