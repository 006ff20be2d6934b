// A bounded queue with one awaiting consumer. A timed-out receive takes nothing and loses nothing (Asio's own
// channel raced against a timer does lose).
#pragma once

#include <cassert>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/errc.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::core {

template <class T>
class mailbox {
 public:
  // `env` must outlive the mailbox. All calls are made on env's executor.
  mailbox(environment& env, std::size_t capacity) : env_(env), signal_(env.make_timer()), capacity_(capacity) {}

  // False: full or closed, and the item is dropped; the caller counts that.
  bool push(T item) {
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(item));
    signal_->cancel();
    return true;
  }

  // The next item; errc::timed_out at the deadline, errc::closed once closed and drained. One receive at a time.
  awaitable<result<T>> receive(time_point deadline) {
    while (items_.empty()) {  // ends with an item, at the deadline, or when closed
      if (closed_) co_return fail(errc::closed);
      if (env_.now() >= deadline) co_return fail(errc::timed_out);
      signal_->set(deadline);
      co_await signal_->wait();
    }
    T item = std::move(items_.front());
    items_.pop_front();
    co_return item;
  }

  // What is queued can still be received; then errc::closed.
  void close() {
    closed_ = true;
    signal_->cancel();
  }

  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }

 private:
  environment& env_;
  std::unique_ptr<timer> signal_;
  std::deque<T> items_;
  std::size_t capacity_;
  bool closed_ = false;
};

}  // namespace phyllo::core
