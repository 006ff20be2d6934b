// The coroutine type of every tier: an Asio awaitable that resumes on its owner's executor.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

namespace phyllo::core {

using executor = asio::any_io_executor;

template <class T>
using awaitable = asio::awaitable<T>;

}  // namespace phyllo::core
