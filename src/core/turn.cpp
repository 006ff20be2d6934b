#include "phyllo/core/turn.hpp"

#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace phyllo::core {

awaitable<void> next_turn() {
  const auto here = co_await asio::this_coro::executor;
  co_await asio::post(here, asio::use_awaitable);
}

}  // namespace phyllo::core
