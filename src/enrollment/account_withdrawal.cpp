#include "phyllo/enrollment/account_withdrawal.hpp"

#include "phyllo/overlay/errc.hpp"

namespace phyllo::enrollment {
namespace {

constexpr auto withdrawn_every = std::chrono::seconds(1);
constexpr auto try_again_after = std::chrono::seconds(10);

// Where this server has no authority it could not store anything either.
bool over(const core::result<overlay::outcome>& removed) {
  return removed || removed.error() == overlay::errc::not_found || removed.error() == overlay::errc::forbidden;
}

}  // namespace

core::awaitable<void> account_withdrawal::run() {
  while (true) {  // ends by cancellation
    const auto users = accounts_.withdrawals();
    if (!users) log_.warning("removed accounts: {}", users.error().message());
    bool all = users.has_value();
    if (users) {
      for (const auto& user : *users) {
        const auto done = co_await withdraw(user);
        all = all && done;
      }
    }
    core::duration pause = withdrawn_every;
    if (!all) pause = try_again_after;
    co_await core::sleep_for(env_, pause);
  }
}

// Registrars end the bindings that they hold when they hear of the revocation; what a registrar that is gone has left goes here.
core::awaitable<bool> account_withdrawal::withdraw(std::string user) {
  const std::string only;
  const overlay::write_options write;
  for (const char* type : {"credential", "user location"}) {
    const overlay::name name{type, user};
    const auto removed = co_await overlay_.remove(only, name, write);
    if (!over(removed)) co_return false;
  }
  // Made again meanwhile: its new credential may have gone with the old one.
  if (accounts_.secret(user)) {
    publish_again_(user);
    co_return true;
  }
  if (const auto noted = accounts_.withdrawn(user); !noted) {
    log_.warning("removed accounts: {}", noted.error().message());
    co_return false;
  }
  log_.info("a removed account is withdrawn from the overlay");
  co_return true;
}

}  // namespace phyllo::enrollment
