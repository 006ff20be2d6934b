#include "proxy_replies.hpp"

#include <utility>

#include "retry_after.hpp"

namespace phyllo::sip {

proxy_replies::proxy_replies(core::environment& env, transaction_layer& transactions, core::metrics& m)
    : env_(env),
      transactions_(transactions),
      calls_(m, "phyllo_calls_total", "Final answers to INVITEs that begin a call, by code; first challenges are not counted.",
             {200, 400, 403, 404, 408, 480, 486, 487, 500, 503}) {}

void proxy_replies::let_in(proxy_context& c) {
  passages_.insert(c.passage);
  c.passing = true;
}

message proxy_replies::response_to(const proxy_context& c, int status, std::string_view phrase) const {
  return c.request->reply(status, phrase, transactions_.to_tag_for(c.id));
}

void proxy_replies::reply(proxy_context& c, int status, std::string_view phrase) {
  if (c.answered) return;
  reply(c, response_to(c, status, phrase));
}

void proxy_replies::reply(proxy_context& c, message response) {
  const int status = response.status();
  transactions_.reply(c.id, std::move(response));
  if (status >= 200) finish(c, status);
}

void proxy_replies::unavailable(proxy_context& c, int status, std::string_view phrase) {
  if (c.answered) return;
  auto response = response_to(c, status, phrase);
  add_retry_after(response, env_);
  reply(c, std::move(response));
}

void proxy_replies::finish(proxy_context& c, int status) {
  if (c.answered) return;
  c.answered = true;
  --unanswered_;
  if (c.invite && !c.in_dialog && status >= 200 && status != 407) calls_.add(status);
  if (c.passing) passages_.erase(passages_.find(c.passage));
  c.caller.ringing.release();
  c.request.reset();
  c.base.reset();
  c.forked.answers.clear();
  c.forked.targets.clear();
  c.dialog = request_dialog();
  c.caller.bounds = ringing_calls::caller();
}

}  // namespace phyllo::sip
