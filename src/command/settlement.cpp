#include "settlement.hpp"

#include <fmt/format.h>

#include "json_member.hpp"
#include "phyllo/core/shard.hpp"
#include "phyllo/node/errc.hpp"

namespace phyllo::command {
namespace {

constexpr std::chrono::seconds answered_after{5};  // the node's own deadline

core::awaitable<void> ask_to_settle(core::environment& env, std::string socket, nlohmann::json body, core::duration within,
                                    core::result<admin_answer>& to) {
  to = co_await ask_admin(env, std::move(socket), "/accounts/settle", std::move(body), env.now() + within);
}

}  // namespace

settlement settle_accounts(const node::configuration& c, std::int64_t change, std::chrono::seconds patience) {
  core::result<admin_answer> answer = core::fail(node::errc::no_running_node);
  core::shard shard("command");
  const nlohmann::json body{{"overlay", c.overlay.name}, {"change", change}, {"timeout_s", patience.count()}};
  shard.run(ask_to_settle(shard.env(), c.admin_socket(), body, patience + answered_after, answer));
  return read_settlement(answer);
}

settlement read_settlement(const core::result<admin_answer>& answer) {
  if (!answer && answer.error() == node::errc::no_running_node)
    return {false, "the login server does not run: the overlay hears of it when it does", std::nullopt};
  if (!answer) return {false, answer.error().message(), answer.error()};
  if (answer->status == 200) {
    return {true,
            fmt::format("the overlay knows: revocation list {}, at {} of {} nodes beside the login server",
                        number_at(answer->body, "revocations").value_or(0), number_at(answer->body, "have").value_or(0),
                        number_at(answer->body, "of").value_or(0)),
            std::nullopt};
  }
  const auto code = answer->status == 504 ? node::errc::timed_out : node::errc::refused;
  auto why = text_at(answer->body, "message");
  const auto head = make_error_code(code).message() + ": ";
  if (why.starts_with(head)) why.erase(0, head.size());
  return {false, why, core::error(code, why)};
}

}  // namespace phyllo::command
