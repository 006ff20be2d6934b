// A record_file in memory, that outlives the storages it is given to, and can be torn, damaged, slow, or fail.
#pragma once

#include <algorithm>
#include <functional>

#include "phyllo/core/errc.hpp"
#include "phyllo/overlay/record_file.hpp"

namespace phyllo::testing {

class memory_record_file final : public overlay::record_file {
 public:
  core::awaitable<core::result<core::bytes>> read(std::uint64_t offset, std::size_t bytes_max) override {
    if (before_read) co_await before_read();
    const auto from = std::min<std::size_t>(offset, content.size());
    const auto part = core::byte_view(content).subspan(from, std::min(bytes_max, content.size() - from));
    co_return core::to_bytes(part);
  }
  core::awaitable<core::status> append(core::bytes data) override {
    if (fails) co_return core::fail(core::errc::full, "the disk is full");
    core::append(content, data);
    ++appends;
    co_return core::status();
  }
  core::awaitable<core::status> append_to_next(core::bytes data, bool anew) override {
    if (fails) co_return core::fail(core::errc::full, "the disk is full");
    if (anew) next.clear();
    core::append(next, data);
    co_return core::status();
  }
  core::awaitable<core::status> replace() override {
    content = std::move(next);
    ++replaced;
    co_return core::status();
  }
  core::awaitable<core::status> set_aside() override {
    aside = std::move(content);
    content.clear();
    co_return core::status();
  }

  core::bytes content, next, aside;
  int appends = 0, replaced = 0;
  bool fails = false;
  std::function<core::awaitable<void>()> before_read;  // a slow disk
};

}  // namespace phyllo::testing
