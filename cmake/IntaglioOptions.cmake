# Options and flags that hold for the whole program.
option(INTAGLIO_TESTS "build the tests" ON)
option(INTAGLIO_BENCH "build the benchmarks" OFF)
option(INTAGLIO_FUZZ "build fuzz targets with libFuzzer (Clang) instead of corpus replay" OFF)
set(INTAGLIO_SANITIZE "" CACHE STRING "comma separated sanitizers, e.g. address,undefined")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")

# A compiler cache, where there is one. It stays where ccache keeps it, outside the tree; clones of
# this repository share what they compiled, since no path of the clone enters the hash.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

add_library(intaglio_flags INTERFACE)
target_compile_options(intaglio_flags INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror
  -Wno-missing-field-initializers)  # designated initialisers name what they set; the rest is zero
# One instruction stream for one result: no fused multiply-add behind our back (the planner's
# proofs and the ledger's replay both depend on it).
target_compile_options(intaglio_flags INTERFACE -ffp-contract=off)
# The same binary from any folder: __FILE__ and debug lines are relative to the repository.
target_compile_options(intaglio_flags INTERFACE -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
# Cheap nets under a server: an index out of range or a smashed stack stops the program.
target_compile_definitions(intaglio_flags INTERFACE _GLIBCXX_ASSERTIONS)
target_compile_options(intaglio_flags INTERFACE -fstack-protector-strong)
# Only what is used is linked, so that the list in docs/dependencies.md can be compared with it.
add_link_options(-Wl,--as-needed)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Boost 1.74 does not recognise Clang 19's coroutines by itself.
  target_compile_definitions(intaglio_flags INTERFACE
    BOOST_ASIO_HAS_CO_AWAIT BOOST_ASIO_HAS_STD_COROUTINE)
endif()
if(INTAGLIO_SANITIZE)
  add_compile_options(-fsanitize=${INTAGLIO_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${INTAGLIO_SANITIZE})
endif()
if(INTAGLIO_FUZZ)
  # Coverage of the modules themselves; the fuzzer's own main is linked by intaglio_fuzz().
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
