#include "stranger_refusals.hpp"

#include <algorithm>
#include <utility>

#include "secure_ways.hpp"

namespace phyllo::sip {

bool stranger_refusals::open_to(const proxy_context& c) const {
  return std::ranges::find(settings_.methods, c.request->method_name()) != settings_.methods.end();
}

// 487 is for his own CANCEL.
bool stranger_refusals::told_uniformly(const proxy_context& c, int status) const {
  return c.caller.uniform && settings_.answer != 0 && status >= 300 && !(status == 487 && c.cancelled);
}

// Unknown, offline, refused at once: all at the same time after the question, as far as they are known by then.
void stranger_refusals::refuse(proxy_context& c) {
  auto found = parts_.contexts.find(c.id);
  if (c.answered || found == nullptr) return;
  if (parts_.env.now() >= due(c)) return parts_.replies.reply(c, answer());
  parts_.scope.spawn(refuse_when_due(std::move(found)));
}

core::awaitable<void> stranger_refusals::refuse_when_due(std::shared_ptr<proxy_context> c) {
  co_await core::sleep_until(parts_.env, due(*c));
  parts_.replies.reply(*c, answer());
}

void stranger_refusals::refuse_sips(proxy_context& c) {
  if (told_uniformly(c, 480)) return refuse(c);
  if (c.answered) return;
  auto response = parts_.replies.response_to(c, 480, "SIPS Not Allowed");
  add_sips_warning(response, parts_.own.addresses.front());
  parts_.replies.reply(c, std::move(response));
}

}  // namespace phyllo::sip
