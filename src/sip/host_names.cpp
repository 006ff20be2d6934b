#include "host_names.hpp"

#include <algorithm>
#include <utility>

namespace phyllo::sip {

host_names::host_names(core::environment& env, transport::resolver& dns, std::function<bool(const asio::ip::address&)> is_node)
    : env_(env), dns_(dns), is_node_(std::move(is_node)), names_(names_max, core::random_hash_key(env)), scope_(env) {}

bool host_names::known(const std::string& name) {
  auto* f = names_.use(name);
  const auto age = f != nullptr ? env_.now() - f->at : good_for;
  if (age >= good_for) return false;
  if (age >= asked_again_after && !std::exchange(f->asked_again, true)) scope_.spawn(refresh(name));
  return true;
}

core::awaitable<bool> host_names::find(std::string name) {
  const auto addresses = co_await dns_.addresses(name);
  const bool ours = addresses && std::ranges::any_of(*addresses, is_node_);
  if (ours) names_.try_emplace(name).first = {env_.now(), false};
  if (addresses && !ours) names_.erase(name);
  co_return ours;
}

core::awaitable<void> host_names::refresh(std::string name) { static_cast<void>(co_await find(std::move(name))); }

core::awaitable<void> host_names::stop() {
  scope_.cancel();
  co_await scope_.join();
}

}  // namespace phyllo::sip
