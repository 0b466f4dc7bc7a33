# intaglio_module(NAME DEPENDS module... LIBRARIES target...)
#
# Makes the library intaglio_NAME from every source below this folder, and by file name alone
#   *_test.cpp   -> NAME_test        (run by ctest, one ctest case a test case)
#   *_bench.cpp  -> NAME_bench       (with -DINTAGLIO_BENCH=ON)
#   *_fuzz.cpp   -> NAME_STEM_fuzz   (replays tests/corpus/STEM; a fuzzer with -DINTAGLIO_FUZZ=ON)
# DEPENDS may name only modules that stand before NAME in INTAGLIO_MODULES. LIBRARIES stay private
# to the module: no header of it may include them, so that no other module can.
function(intaglio_module name)
  cmake_parse_arguments(arg "" "" "DEPENDS;LIBRARIES" ${ARGN})
  list(FIND INTAGLIO_MODULES ${name} line)
  if(line EQUAL -1)
    message(FATAL_ERROR "module '${name}' is not in INTAGLIO_MODULES (CMakeLists.txt)")
  endif()
  foreach(dependency IN LISTS arg_DEPENDS)
    list(FIND INTAGLIO_MODULES ${dependency} dependency_line)
    if(dependency_line EQUAL -1 OR NOT dependency_line LESS line)
      message(FATAL_ERROR "module '${name}' may not depend on '${dependency}': only modules before "
        "it in INTAGLIO_MODULES (CMakeLists.txt)")
    endif()
  endforeach()

  file(GLOB_RECURSE all CONFIGURE_DEPENDS *.cpp)
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$|/main\\.cpp$")
  add_library(intaglio_${name} STATIC ${sources})
  target_include_directories(intaglio_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(intaglio_${name} PRIVATE intaglio_flags ${arg_LIBRARIES})
  foreach(dependency IN LISTS arg_DEPENDS)
    target_link_libraries(intaglio_${name} PUBLIC intaglio_${dependency})
  endforeach()

  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(INTAGLIO_TESTS AND tests)
    intaglio_test(${name}_test SOURCES ${tests} MODULES ${name})
  endif()

  set(benches ${all})
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  if(INTAGLIO_BENCH AND benches)
    find_package(benchmark REQUIRED)
    find_package(GTest REQUIRED)  # they stand on what tests stand on
    add_executable(${name}_bench ${benches})
    target_link_libraries(${name}_bench PRIVATE intaglio_flags intaglio_${name}
      benchmark::benchmark_main GTest::gtest)
  endif()

  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  foreach(source IN LISTS fuzzers)
    get_filename_component(stem ${source} NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" stem ${stem})
    intaglio_fuzz(${name} ${stem} ${source})
  endforeach()
endfunction()

# intaglio_test(NAME SOURCES ... MODULES ... LIBRARIES ...): a GoogleTest program known to ctest.
function(intaglio_test name)
  cmake_parse_arguments(arg "SERIAL" "" "SOURCES;MODULES;LIBRARIES" ${ARGN})
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
  include(GoogleTest)
  add_executable(${name} ${arg_SOURCES})
  list(TRANSFORM arg_MODULES PREPEND intaglio_)
  target_link_libraries(${name} PRIVATE intaglio_flags ${arg_MODULES} ${arg_LIBRARIES}
    GTest::gmock rapidcheck GTest::gtest_main)
  # SERIAL: each of its tests needs all cores.
  set(serial ${arg_SERIAL})
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} PROPERTIES TIMEOUT 300 RUN_SERIAL ${serial})
endfunction()

function(intaglio_fuzz module stem source)
  if(INTAGLIO_FUZZ)
    add_executable(${module}_${stem}_fuzz ${source})
    target_compile_options(${module}_${stem}_fuzz PRIVATE -fsanitize=fuzzer)
    target_link_options(${module}_${stem}_fuzz PRIVATE -fsanitize=fuzzer)
  elseif(INTAGLIO_TESTS)
    add_executable(${module}_${stem}_fuzz ${source} ${CMAKE_SOURCE_DIR}/tests/corpus_replay.cpp)
    add_test(NAME fuzz_corpus.${module}.${stem}
      COMMAND ${module}_${stem}_fuzz ${CMAKE_SOURCE_DIR}/tests/corpus/${stem})
  else()
    return()
  endif()
  target_link_libraries(${module}_${stem}_fuzz PRIVATE intaglio_flags intaglio_${module})
endfunction()
