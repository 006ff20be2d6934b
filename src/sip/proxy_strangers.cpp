// How the proxy answers strangers: nobody who has not shown who he is learns from it which users there are, who is online and who refuses.
// The call itself is the service, so a phone that rings is heard to ring, and one that answers is heard.
#include <algorithm>

#include "proxy.hpp"
#include "secure_ways.hpp"

namespace phyllo::sip {

// Other methods than these are not delivered, to whomever they are: a phone answers an OPTIONS at once, with much about itself.
bool proxy::open_to_strangers(const context& c) const {
  return std::ranges::find(strangers_.methods, c.request->method_name()) != strangers_.methods.end();
}

// 487 is for his own CANCEL.
bool proxy::told_uniformly(const context& c, int status) const {
  return c.uniform && strangers_.answer != 0 && status >= 300 && !(status == 487 && c.cancelled);
}

// Unknown, offline, refused at once: all at the same time after the question, as far as they are known by then.
void proxy::refuse_stranger(context& c) {
  const auto found = contexts_.find(c.id);
  if (c.answered || found == contexts_.end()) return;
  const auto status = strangers_.answer == 0 ? 480 : strangers_.answer;
  if (parts_.env.now() >= c.arrived + strangers_.delay) return reply(c, status);
  scope_.spawn(refuse_when_due(found->second));
}

core::awaitable<void> proxy::refuse_when_due(std::shared_ptr<context> c) {
  co_await core::sleep_until(parts_.env, c->arrived + strangers_.delay);
  const auto status = strangers_.answer == 0 ? 480 : strangers_.answer;
  reply(*c, status);
}

void proxy::refuse_sips(context& c) {
  if (told_uniformly(c, 480)) return refuse_stranger(c);
  if (c.answered) return;
  auto response = c.request->reply(480, "SIPS Not Allowed", parts_.transactions.to_tag_for(c.id));
  add_sips_warning(response, parts_.own.addresses.front());
  reply(c, std::move(response));
}

}  // namespace phyllo::sip
