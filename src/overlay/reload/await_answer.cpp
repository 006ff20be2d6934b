#include "reload/await_answer.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace phyllo::overlay {
namespace {

struct awaited_answer {
  std::optional<core::result<answer>> value;
  std::unique_ptr<core::timer> signal;
};

}  // namespace

core::awaitable<core::result<answer>> await_answer(core::environment& env, requester& by, destination_list to, message_contents m,
                                                   core::time_point deadline, requester::options o) {
  auto state = std::make_shared<awaited_answer>();
  state->signal = env.make_timer();
  auto done = [state](core::result<answer> a) {
    state->value = std::move(a);
    state->signal->cancel();
  };
  by.ask(std::move(to), std::move(m), deadline, o, std::move(done));
  while (!state->value) {  // ends: every request is completed once
    state->signal->set(core::time_point::max());
    co_await state->signal->wait();
  }
  co_return std::move(*state->value);
}

}  // namespace phyllo::overlay
